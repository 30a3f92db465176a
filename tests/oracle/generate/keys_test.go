package generate

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"testing"
)

func field(t *testing.T, k *key, name string) *big.Int {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(k.public[name].(string))
	if err != nil {
		t.Fatal(err)
	}
	return new(big.Int).SetBytes(raw)
}

func TestSignaturesVerifyAndRepeat(t *testing.T) {
	input := []byte("header.payload")
	for _, k := range allKeys() {
		for _, alg := range k.algs {
			signature := k.sign(alg, input)
			if !bytes.Equal(signature, k.sign(alg, input)) {
				t.Errorf("%s %s: two signatures differ", k.label, alg)
			}
			hash, sum := digest(alg, input)
			switch {
			case k.kind == "RSA":
				public := &rsa.PublicKey{N: field(t, k, "n"), E: 65537}
				if public.N.BitLen() != 2048 {
					t.Errorf("%s has %d bits", k.label, public.N.BitLen())
				}
				var err error
				if alg[0] == 'P' {
					err = rsa.VerifyPSS(public, hash, sum, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash})
				} else {
					err = rsa.VerifyPKCS1v15(public, hash, sum, signature)
				}
				if err != nil {
					t.Errorf("%s %s: %v", k.label, alg, err)
				}
			case k.kind == "EC":
				curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[k.public["crv"].(string)]
				public := &ecdsa.PublicKey{Curve: curve, X: field(t, k, "x"), Y: field(t, k, "y")}
				half := len(signature) / 2
				if !ecdsa.Verify(public, sum, new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])) {
					t.Errorf("%s %s does not verify", k.label, alg)
				}
			}
		}
	}
	if crypto.SHA512.Size() != 64 {
		t.Fatal("digest")
	}
}
