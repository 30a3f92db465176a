package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	mathrand "math/rand/v2"
	"sync"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// sync1 makes a value once.
func sync1[T any](make func() T) func() T { return sync.OnceValue(make) }

// key is a key pair of a kind.
type key struct {
	kind   string
	signer crypto.Signer
	spki   []byte
}

func newKey(kind string, signer crypto.Signer) key {
	return key{kind, signer, must(x509.MarshalPKIXPublicKey(signer.Public()))}
}

// keyRing holds a few keys of each kind; making RSA keys for every case would take hours.
type keyRing map[string][]key

var ring = sync1(func() keyRing {
	made := keyRing{}
	for range 6 {
		for name, curve := range map[string]elliptic.Curve{
			"P-224": elliptic.P224(), "P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521(),
		} {
			made[name] = append(made[name], newKey(name, must(ecdsa.GenerateKey(curve, rand.Reader))))
		}
		_, private, err := ed25519.GenerateKey(rand.Reader)
		made["Ed25519"] = append(made["Ed25519"], newKey("Ed25519", must(private, err)))
	}
	for kind, bits := range map[string]int{"RSA-1024": 1024, "RSA-2048": 2048, "RSA-3072": 3072, "RSA-1031": 1031, "RSA-4096": 4096} {
		count := 3
		if bits > 2048 {
			count = 1
		}
		for range count {
			made[kind] = append(made[kind], newKey(kind, must(rsa.GenerateKey(rand.Reader, bits))))
		}
	}
	made["RSA-512"] = []key{smallRSA(512), smallRSA(512)}
	made["RSA-e3"] = []key{exponentThree()}
	return made
})

// smallRSA makes what Go refuses to make.
func smallRSA(bits int) key {
	for {
		p, q := must(rand.Prime(rand.Reader, bits/2)), must(rand.Prime(rand.Reader, bits/2))
		if made, ok := assemble(p, q, 65537); ok {
			return newKey("RSA-512", made)
		}
	}
}

func exponentThree() key {
	for {
		p, q := must(rand.Prime(rand.Reader, 1024)), must(rand.Prime(rand.Reader, 1024))
		if made, ok := assemble(p, q, 3); ok {
			return newKey("RSA-e3", made)
		}
	}
}

func assemble(p, q *big.Int, e int64) (*rsa.PrivateKey, bool) {
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	d := new(big.Int).ModInverse(big.NewInt(e), phi)
	if d == nil {
		return nil, false
	}
	private := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: int(e)}, D: d, Primes: []*big.Int{p, q}}
	return private, private.Validate() == nil
}

func (r keyRing) take(random *mathrand.Rand, kind string) key {
	keys := r[kind]
	return keys[random.IntN(len(keys))]
}

// signWith signs a message with an algorithm of algorithms; RSA keys of any size do.
func (k key) signWith(a algorithm, message []byte) []byte {
	digest := message
	if a.hash != 0 {
		h := a.hash.New()
		h.Write(message)
		digest = h.Sum(nil)
	}
	if private, ok := k.signer.(*rsa.PrivateKey); ok && !a.pss {
		return rawPKCS1(private, a, digest)
	}
	var options crypto.SignerOpts = a.hash
	if a.pss {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: a.hash}
	}
	signature, err := k.signer.Sign(rand.Reader, digest, options)
	if err != nil {
		// A key too small for the padding: any bytes will do.
		sum := sha256.Sum256(message)
		return sum[:]
	}
	return signature
}

// rawPKCS1 signs without asking whether that is wise.
func rawPKCS1(private *rsa.PrivateKey, a algorithm, digest []byte) []byte {
	type algorithmIdentifier struct {
		Algorithm  asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}
	type digestInfo struct {
		Algorithm algorithmIdentifier
		Digest    []byte
	}
	info := must(asn1.Marshal(digestInfo{algorithmIdentifier{hashOIDs[a.hash], asn1.NullRawValue}, digest}))
	size := private.Size()
	padded := make([]byte, size)
	if filling := size - len(info) - 3; filling >= 0 {
		padded[1] = 1
		for i := range filling {
			padded[2+i] = 0xff
		}
		copy(padded[3+filling:], info)
	}
	number := new(big.Int).SetBytes(padded)
	return number.Exp(number, private.D, private.N).FillBytes(make([]byte, size))
}
