package authority

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
)

func ecdsaOf(k key) *ecdsa.PrivateKey { return k.signer.(*ecdsa.PrivateKey) }

// alterKey changes the private key's encoding.
func (m *maker) alterKey() {
	k := m.specs[len(m.specs)-1].key
	b := &m.key[0]
	switch private := k.signer.(type) {
	case *rsa.PrivateKey:
		if m.chance(60) {
			m.did("odd RSA key")
			m.oddRSA(private, b)
			return
		}
	case *ecdsa.PrivateKey:
		if m.chance(60) {
			m.did("odd EC key")
			m.oddEC(private, b)
			return
		}
	}
	switch m.IntN(5) {
	case 0:
		m.did("bytes behind the key")
		b.der = append(append([]byte{}, b.der...), 0)
	case 1:
		m.did("key cut")
		b.der = m.cut(b.der)
	default:
		m.did("key altered")
		b.der = m.alterDER(b.der)
	}
}

func (m *maker) oddRSA(private *rsa.PrivateKey, b *block) {
	one := big.NewInt(1)
	private.Precompute()
	p, q := private.Primes[0], private.Primes[1]
	numbers := []*big.Int{big.NewInt(0), private.N, big.NewInt(int64(private.E)), private.D, p, q, private.Precomputed.Dp, private.Precomputed.Dq, private.Precomputed.Qinv}
	var extra []byte
	switch m.IntN(9) {
	case 0:
		numbers = numbers[:choice(m, 5, 6, 7, 8)]
	case 1:
		at := 1 + m.IntN(8)
		numbers[at] = new(big.Int).Add(numbers[at], choice(m, one, big.NewInt(2), big.NewInt(-1)))
	case 2:
		numbers[0] = choice(m, big.NewInt(1), big.NewInt(2), big.NewInt(-1))
	case 3:
		// d modulo the group's order times something is as good.
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		numbers[3] = new(big.Int).Add(private.D, phi)
	case 4:
		numbers[4], numbers[5] = q, p
	case 5:
		numbers[1+m.IntN(8)] = big.NewInt(0)
	case 6:
		extra = seq(seq(integer(big.NewInt(choice[int64](m, 7, 1, -7))), integer(one), integer(one)))
	case 7:
		extra = []byte{5, 0}
	default:
		lambda := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		gcd := new(big.Int).GCD(nil, nil, new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		lambda.Div(lambda, gcd)
		numbers[3] = new(big.Int).Mod(private.D, lambda)
		numbers = numbers[:choice(m, 6, 9)]
	}
	var parts [][]byte
	for _, n := range numbers {
		parts = append(parts, integer(n))
	}
	der := seq(append(parts, extra)...)
	if m.chance(30) {
		b.label, b.der = "PRIVATE KEY", seq(integer(big.NewInt(0)), seq(oid(append1(oidRSA, 1)), choice(m, []byte{5, 0}, nil)), octets(der))
		return
	}
	b.label, b.der = "RSA PRIVATE KEY", der
}

func (m *maker) oddEC(private *ecdsa.PrivateKey, b *block) {
	curves := map[string]asn1.ObjectIdentifier{"P-224": {1, 3, 132, 0, 33}, "P-256": {1, 2, 840, 10045, 3, 1, 7}, "P-384": {1, 3, 132, 0, 34}, "P-521": {1, 3, 132, 0, 35}}
	curve := curves[private.Params().Name]
	scalar := must(private.Bytes())
	version := big.NewInt(1)
	named := tlv(0xa0, oid(curve))
	public := tlv(0xa1, bits(must(private.PublicKey.Bytes())))
	switch m.IntN(10) {
	case 0:
		scalar = append([]byte{0, 0}, scalar...)
	case 1:
		scalar = append([]byte{1}, scalar...)
	case 2:
		scalar = private.D.Bytes()
	case 3:
		scalar = make([]byte, len(scalar))
	case 4:
		scalar = private.Params().N.Bytes()
	case 5:
		version = big.NewInt(0)
	case 6:
		named = choice(m, nil, tlv(0xa0, oid(asn1.ObjectIdentifier{1, 3, 132, 0, 10})), tlv(0xa0, []byte{5, 0}), tlv(0xa0))
	case 7:
		public = choice(m, nil, tlv(0xa1, []byte{5, 0}), tlv(0xa1, bits([]byte{9})), tlv(0xa1, []byte{3, 2, 1, 1}))
	case 8:
		public = append(public, 5, 0)
	default:
		named, public = public, named
	}
	der := seq(integer(version), octets(scalar), named, public)
	if m.chance(40) {
		algorithm := seq(oid(asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}), choice(m, oid(curve), oid(curve), nil, []byte{5, 0}, oid(asn1.ObjectIdentifier{1, 3, 132, 0, 34})))
		b.label, b.der = "PRIVATE KEY", seq(integer(big.NewInt(choice[int64](m, 0, 1, 7))), algorithm, octets(der))
		return
	}
	b.label, b.der = "EC PRIVATE KEY", der
}

func text(blocks []block) []byte {
	var out bytes.Buffer
	for _, b := range blocks {
		// pem.Encode refuses some labels that a file may hold.
		encoded := pem.EncodeToMemory(&pem.Block{Type: b.label, Headers: b.headers, Bytes: b.der})
		out.Write(encoded)
	}
	return out.Bytes()
}

// write turns blocks into files of one of the two layouts.
func (m *maker) write() {
	if m.chance(10) {
		m.did("layout of a TLS secret")
		m.files["tls.crt"], m.files["tls.key"], m.files["ca.crt"] = text(m.signer), text(m.key), text(m.roots)
		if m.chance(40) {
			m.did("with its chain")
			m.files["tls.crt"] = text(append(m.signer[:1:1], m.chain...))
		}
		if m.chance(80) {
			return
		}
	}
	m.files["ca-cert.pem"], m.files["ca-key.pem"] = text(m.signer), text(m.key)
	m.files["cert-chain.pem"], m.files["root-cert.pem"] = text(m.chain), text(m.roots)
	if !m.noCRL {
		m.files["ca-crl.pem"] = text(m.lists)
	} else if m.chance(4) {
		m.did("odd revocation list")
		m.files["ca-crl.pem"] = choice(m, []byte{}, []byte("nothing revoked\n"), newList(m.specs[0], m.now).sign(), text(m.roots))
	}
}

// alterText changes the text of one file.
func (m *maker) alterText() {
	names := []string{"ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem", "ca-crl.pem", "tls.crt", "tls.key", "ca.crt"}
	for {
		file := choice(m, names...)
		content, ok := m.files[file]
		if !ok {
			continue
		}
		m.files[file] = m.alterPEM(file, content)
		return
	}
}

func (m *maker) alterPEM(file string, content []byte) []byte {
	did := func(what string) { m.did("%s: %s", file, what) }
	replace := func(from, to string) []byte { return bytes.ReplaceAll(content, []byte(from), []byte(to)) }
	first := func(from, to string) []byte { return bytes.Replace(content, []byte(from), []byte(to), 1) }
	der := func() []byte {
		if block, _ := pem.Decode(content); block != nil {
			return block.Bytes
		}
		return content
	}
	switch m.IntN(32) {
	case 0:
		did("byte order mark")
		return append([]byte("\xef\xbb\xbf"), content...)
	case 1, 2:
		did("carriage returns")
		return replace("\n", "\r\n")
	case 3:
		did("carriage returns alone")
		return replace("\n", "\r")
	case 4:
		did("indented")
		return append([]byte("  "), replace("\n", "\n  ")...)
	case 5:
		did("text before")
		return append([]byte(choice(m, "# comment\n", "subject=CN=x\nissuer=y\n", "\n\n", "junk", "-----BEGIN NOTHING-----\n", "key: value\n", "-----END X-----\n")), content...)
	case 6:
		did("text after")
		return append(content, choice(m, "trailer\n", "\n\n\n", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN X-----\nAAAA\n", "-----END CERTIFICATE-----\n", "\x00")...)
	case 7:
		did("text between")
		return replace("-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----\nbetween\n")
	case 8, 9:
		did("no last newline")
		return bytes.TrimRight(content, "\n")
	case 10:
		did("DER")
		return der()
	case 11:
		if len(content) > 0 {
			did("cut")
			return content[:m.IntN(len(content))]
		}
	case 12, 13, 14:
		if len(content) > 0 {
			at := m.IntN(len(content))
			out := append([]byte{}, content...)
			out[at] = choice[byte](m, 'A', '=', ' ', '\n', '-', ':', '\t', '\r', '!', 0, 'x', byte(m.IntN(256)))
			did("a byte changed")
			return out
		}
	case 15:
		did("blanks at line ends")
		return replace("\n", choice(m, " \n", "\t\n", " \t \n", " \r\n", "\r \n"))
	case 16:
		did("one long line")
		b64 := base64.StdEncoding.EncodeToString(der())
		return []byte("-----BEGIN CERTIFICATE-----\n" + b64 + "\n-----END CERTIFICATE-----\n")
	case 17:
		did("empty lines")
		return replace("\n", "\n\n")
	case 18:
		did("no padding")
		return replace("=", "")
	case 19:
		did("end label")
		return first("-----END CERTIFICATE", "-----END X509 CERTIFICATE")
	case 20:
		did("dashes")
		return first(choice(m, "-----BEGIN", "-----END", "-----\n"), choice(m, "----BEGIN", "------BEGIN", "----END", "-----  END", "----\n", "------\n", "----- \n", "-----x\n"))
	case 21:
		did("lower case")
		return first("BEGIN", "begin")
	case 22:
		did("header lines")
		return first("-----\n", choice(m, "-----\nProc-Type: 4,ENCRYPTED\n\n", "-----\nA: b\n", "-----\n: \n", "-----\nA\n", "-----\n\n"))
	case 23:
		did("empty")
		return []byte{}
	case 24:
		did("only blanks")
		return []byte(choice(m, "\n", "   \n", "\r\n"))
	case 25:
		did("form feeds")
		return replace("\n", "\n\f")
	case 26:
		did("an unfinished block before")
		half := content[:len(content)/2]
		return append(append(append([]byte{}, half...), '\n'), content...)
	case 27:
		did("twice")
		return append(append([]byte{}, content...), content...)
	case 28:
		did("blocks in one line")
		return replace("-----END CERTIFICATE-----\n-----BEGIN", "-----END CERTIFICATE----------BEGIN")
	case 29:
		did("blanks inside lines")
		return replace("M", " M")
	case 30:
		did("an empty block")
		return append([]byte(choice(m, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "-----BEGIN X-----\n\n-----END X-----\n", "-----BEGIN -----\nAAAA\n-----END -----\n")), content...)
	default:
		did("url-safe base64")
		return replace("+", "-")
	}
	return content
}

// alterFiles takes files away or adds some.
func (m *maker) alterFiles() {
	switch m.IntN(6) {
	case 0, 1, 2:
		file := choice(m, "ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem", "tls.crt", "tls.key", "ca.crt")
		m.did("without %s", file)
		delete(m.files, file)
	case 3:
		m.did("no files")
		clear(m.files)
	case 4:
		m.did("marked as generated")
		m.files["istio-generated"] = nil
	default:
		file := choice(m, "ca-crl.pem", "tls.key", "ca.crt", "tls.crt")
		m.did("with an empty %s", file)
		m.files[file] = nil
	}
}
