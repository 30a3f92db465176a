package generate

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/big"
	"math/rand/v2"
	"strings"
	"sync"

	_ "crypto/sha512"
)

// key signs tokens and appears in key sets. Keys come from their label alone, so that a seed
// makes the same mesh in every process. They are worth nothing outside these tests.
type key struct {
	label  string
	kind   string   // kty
	algs   []string // what it can sign
	public map[string]any
	sign   func(alg string, input []byte) []byte
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func stream(label string) io.Reader {
	return rand.NewChaCha8(sha256.Sum256([]byte(label)))
}

func read(from io.Reader, n int) []byte {
	out := make([]byte, n)
	if _, err := io.ReadFull(from, out); err != nil {
		panic(err)
	}
	return out
}

func digest(alg string, input []byte) (crypto.Hash, []byte) {
	hash := crypto.SHA256
	if strings.HasSuffix(alg, "384") {
		hash = crypto.SHA384
	} else if strings.HasSuffix(alg, "512") {
		hash = crypto.SHA512
	}
	h := hash.New()
	h.Write(input)
	return hash, h.Sum(nil)
}

func rsaKey(label string) *key {
	source := stream(label)
	prime := func() *big.Int {
		for {
			raw := read(source, 128)
			raw[0] |= 0xc0
			raw[127] |= 1
			if p := new(big.Int).SetBytes(raw); p.ProbablyPrime(20) {
				return p
			}
		}
	}
	one, e := big.NewInt(1), big.NewInt(65537)
	private := &rsa.PrivateKey{PublicKey: rsa.PublicKey{E: 65537}}
	for private.D == nil {
		p, q := prime(), prime()
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		private.Primes = []*big.Int{p, q}
		private.N = new(big.Int).Mul(p, q)
		private.D = new(big.Int).ModInverse(e, phi)
	}
	private.Precompute()
	return &key{
		label: label, kind: "RSA", algs: []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"},
		public: map[string]any{"kty": "RSA", "n": b64(private.N.Bytes()), "e": "AQAB"},
		sign: func(alg string, input []byte) []byte {
			hash, sum := digest(alg, input)
			if strings.HasPrefix(alg, "PS") {
				encoded := pss(hash, sum, private.N.BitLen()-1)
				out := new(big.Int).Exp(new(big.Int).SetBytes(encoded), private.D, private.N)
				return out.FillBytes(make([]byte, (private.N.BitLen()+7)/8))
			}
			out, err := rsa.SignPKCS1v15(nil, private, hash, sum)
			if err != nil {
				panic(err)
			}
			return out
		},
	}
}

// pss is EMSA-PSS (RFC 8017, 9.1.1) with a salt made from the digest, as long as the digest.
func pss(hash crypto.Hash, sum []byte, bits int) []byte {
	size := (bits + 7) / 8
	salt := read(stream("salt"+string(sum)), len(sum))
	h := hash.New()
	h.Write(make([]byte, 8))
	h.Write(sum)
	h.Write(salt)
	inner := h.Sum(nil)
	db := make([]byte, size-len(sum)-1)
	db[len(db)-len(salt)-1] = 1
	copy(db[len(db)-len(salt):], salt)
	for i, counter := 0, byte(0); i < len(db); counter++ {
		h.Reset()
		h.Write(inner)
		h.Write([]byte{0, 0, 0, counter})
		for _, mask := range h.Sum(nil) {
			if i < len(db) {
				db[i] ^= mask
				i++
			}
		}
	}
	db[0] &= 0xff >> (8*size - bits)
	return append(append(db, inner...), 0xbc)
}

func ecKey(label, name string, curve elliptic.Curve, alg string) *key {
	source := stream(label)
	size := (curve.Params().BitSize + 7) / 8
	var private *ecdsa.PrivateKey
	for private == nil {
		raw := read(source, size)
		raw[0] &= 0xff >> (8*size - curve.Params().BitSize)
		private, _ = ecdsa.ParseRawPrivateKey(curve, raw) // a number out of range: try the next
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return &key{
		label: label, kind: "EC", algs: []string{alg},
		public: map[string]any{"kty": "EC", "crv": name, "x": b64(point[1 : 1+size]), "y": b64(point[1+size:])},
		sign: func(alg string, input []byte) []byte {
			hash, sum := digest(alg, input)
			der, err := private.Sign(nil, sum, hash) // without a source: RFC 6979
			if err != nil {
				panic(err)
			}
			return rawSignature(der, size)
		},
	}
}

// rawSignature turns SEQUENCE { INTEGER r, INTEGER s } into r || s.
func rawSignature(der []byte, size int) []byte {
	at := 2
	if der[1]&0x80 != 0 {
		at = 3
	}
	out := make([]byte, 2*size)
	for part := range 2 {
		length := int(der[at+1])
		number := new(big.Int).SetBytes(der[at+2 : at+2+length])
		number.FillBytes(out[part*size : (part+1)*size])
		at += 2 + length
	}
	return out
}

func edKey(label string) *key {
	private := ed25519.NewKeyFromSeed(read(stream(label), 32))
	public := private.Public().(ed25519.PublicKey)
	return &key{
		label: label, kind: "OKP", algs: []string{"EdDSA"},
		public: map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(public)},
		sign:   func(_ string, input []byte) []byte { return ed25519.Sign(private, input) },
	}
}

func octKey(label string) *key {
	secret := read(stream(label), 64)
	return &key{
		label: label, kind: "oct", algs: []string{"HS256", "HS384", "HS512"},
		public: map[string]any{"kty": "oct", "k": b64(secret)},
		sign: func(alg string, input []byte) []byte {
			hash, _ := digest(alg, nil)
			mac := hmac.New(hash.New, secret)
			mac.Write(input)
			return mac.Sum(nil)
		},
	}
}

// allKeys are made once per process.
var allKeys = sync.OnceValue(func() []*key {
	return []*key{
		rsaKey("rsa-1"), rsaKey("rsa-2"),
		ecKey("ec-1", "P-256", elliptic.P256(), "ES256"), ecKey("ec-2", "P-256", elliptic.P256(), "ES256"),
		ecKey("ec-384", "P-384", elliptic.P384(), "ES384"), ecKey("ec-521", "P-521", elliptic.P521(), "ES512"),
		edKey("ed-1"), edKey("ed-2"), octKey("oct-1"), octKey("oct-2"),
	}
})
