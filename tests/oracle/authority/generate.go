package authority

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"time"
)

// Case is one set of files, with what was done to it.
type Case struct {
	Seed  uint64
	Files map[string][]byte
	Done  []string
}

// maker makes one case.
type maker struct {
	*mathrand.Rand
	now   time.Time
	specs []*spec // root first, signer last
	made  []made
	other *spec // a root of its own
	files map[string][]byte
	done  []string
	// blocks of each file before they become text
	signer, chain, roots, lists []block
	key                         []block
	noCRL                       bool
}

// block is a PEM block to be.
type block struct {
	label   string
	headers map[string]string
	der     []byte
}

func certificateBlock(m made) block { return block{"CERTIFICATE", nil, m.der} }

func (m *maker) did(format string, args ...any) {
	m.done = append(m.done, fmt.Sprintf(format, args...))
}

func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

func choice[T any](m *maker, values ...T) T { return values[m.IntN(len(values))] }

// Make makes the case of a seed.
func Make(seed uint64, now time.Time) Case {
	m := &maker{Rand: mathrand.New(mathrand.NewPCG(seed, 0x5eed)), now: now.Truncate(time.Second), files: map[string][]byte{}}
	m.authorities()
	count := 0
	if !m.chance(40) {
		count = 1 + m.IntN(2)
	}
	for range count {
		m.alterSpecs()
	}
	m.signAll()
	m.blocks()
	m.revocationLists()
	if m.chance(35) {
		m.alterBlocks()
	}
	m.write()
	if m.chance(22) {
		m.alterText()
	}
	if m.chance(6) {
		m.alterFiles()
	}
	return Case{seed, m.files, m.done}
}

// authorities plans a root, none to three intermediates, and a stranger.
func (m *maker) authorities() {
	kinds := []string{"P-256", "P-256", "P-256", "RSA-2048", "RSA-2048", "P-384", "P-521", "Ed25519", "RSA-3072", "RSA-1024", "P-224", "RSA-e3"}
	if m.chance(3) {
		kinds = []string{"RSA-512", "RSA-1031", "RSA-4096"}
	}
	depth := choice(m, 0, 1, 1, 1, 2, 2, 3)
	common := []string{"Root CA", "Intermediate CA", "Cluster CA", "Mesh CA"}
	for i := range depth + 1 {
		pathLength := choice(m, -1, -1, depth-i, depth-i+1, 5)
		s := newAuthority(m.Rand, common[i], ring().take(m.Rand, choice(m, kinds...)), pathLength, m.now)
		if i > 0 && m.chance(30) {
			s.set(17, m.chance(10), seq(tlv(0x82, []byte("istiod.istio-system.svc"))))
		}
		m.specs = append(m.specs, s)
	}
	m.other = newAuthority(m.Rand, choice(m, "Other Root", "Root CA"), ring().take(m.Rand, choice(m, kinds...)), -1, m.now)
}

func (m *maker) signAll() {
	var parent *spec
	for _, s := range m.specs {
		m.made = append(m.made, s.sign(parent))
		parent = s
	}
}

func (m *maker) last() made { return m.made[len(m.made)-1] }

// blocks puts the certificates into files in one of the usual ways.
func (m *maker) blocks() {
	m.signer = []block{certificateBlock(m.last())}
	for i := len(m.made) - 1; i > 0; i-- {
		m.chain = append(m.chain, certificateBlock(m.made[i]))
	}
	if len(m.made) == 1 && m.chance(50) || m.chance(35) {
		m.chain = append(m.chain, certificateBlock(m.made[0]))
	}
	m.roots = []block{certificateBlock(m.made[0])}
	if m.chance(15) {
		m.roots = append(m.roots, certificateBlock(m.other.sign(nil)))
		if m.chance(50) {
			m.roots[0], m.roots[1] = m.roots[1], m.roots[0]
		}
	}
	m.key = []block{m.keyBlock(m.specs[len(m.specs)-1].key)}
}

// keyBlock writes a key in one of the forms its kind has.
func (m *maker) keyBlock(k key) block {
	pkcs8 := block{"PRIVATE KEY", nil, must(x509.MarshalPKCS8PrivateKey(k.signer))}
	if m.chance(50) {
		return pkcs8
	}
	switch private := k.signer.(type) {
	case *rsa.PrivateKey:
		return block{"RSA PRIVATE KEY", nil, x509.MarshalPKCS1PrivateKey(private)}
	case interface{ Bytes() ([]byte, error) }:
		return block{"EC PRIVATE KEY", nil, must(x509.MarshalECPrivateKey(ecdsaOf(k)))}
	default:
		return pkcs8
	}
}

// revocationLists adds lists, mostly complete ones.
func (m *maker) revocationLists() {
	if m.chance(65) {
		m.noCRL = true
		return
	}
	m.did("revocation lists")
	for i := len(m.specs) - 1; i >= 0; i-- {
		l := newList(m.specs[i], m.now)
		if m.chance(40) {
			l.revoked = append(l.revoked, big.NewInt(int64(1+m.IntN(1000))))
		}
		m.lists = append(m.lists, block{"X509 CRL", nil, l.sign()})
	}
	if m.chance(50) {
		m.alterLists()
	}
}

func (m *maker) alterLists() {
	at := m.IntN(len(m.specs))
	of := m.specs[len(m.specs)-1-at]
	l := newList(of, m.now)
	replace := func(what string) {
		m.did("list %d: %s", at, what)
		m.lists[at].der = l.sign()
	}
	switch m.IntN(22) {
	case 0, 1:
		m.did("list %d missing", at)
		m.lists = append(m.lists[:at], m.lists[at+1:]...)
	case 2, 3:
		past := m.now.Add(-time.Hour)
		l.thisUpdate, l.nextUpdate = m.now.Add(-48*time.Hour), &past
		replace("expired")
	case 4:
		l.thisUpdate = m.now.Add(24 * time.Hour)
		replace("from the future")
	case 5:
		l.key = m.other.key
		replace("signed by a stranger")
	case 6, 7:
		m.lists[at].label = choice(m, "CRL", "X509 CERTIFICATE", "CERTIFICATE", "X.509 CRL", "x509 crl")
		m.did("list %d labelled %s", at, m.lists[at].label)
	case 8:
		l.version = choice(m, 0, 2)
		replace(fmt.Sprint("version ", l.version))
	case 9:
		m.lists[at].der = m.cut(l.sign())
		m.did("list %d cut", at)
	case 10:
		l.nextUpdate = nil
		replace("without next update")
	case 11:
		l.algorithm = choice(m, "RSA-SHA1", "EC-SHA1", "RSA-ISO", "PSS-SHA256", "EC-SHA512", "RSA-MD5")
		replace("signed with " + l.algorithm)
	case 12:
		if len(m.specs) > 1 {
			l = newList(m.specs[len(m.specs)-2], m.now)
			l.revoked = []*big.Int{m.specs[len(m.specs)-1].serial}
			if m.chance(30) {
				l.entryExtra = seq(extension{extensionOID(21), false, []byte{10, 1, byte(choice(m, 1, 4, 8))}}.der())
			}
			for i := range m.lists {
				if i < len(m.lists)-0 && i == 1 {
					m.lists[i].der = l.sign()
				}
			}
			m.did("the signer is revoked")
		}
	case 13:
		extra := newList(of, m.now)
		extra.revoked = []*big.Int{big.NewInt(5)}
		m.lists = append(m.lists, block{"X509 CRL", nil, extra.sign()})
		m.did("two lists of %d", at)
	case 14:
		stranger := newList(m.other, m.now)
		m.lists = append(m.lists, block{"X509 CRL", nil, stranger.sign()})
		m.did("a stranger's list")
	case 15:
		l.extensions = append(l.extensions, extension{extensionOID(choice(m, 28, 27, 99)), true, seq()})
		replace("a critical extension")
	case 16:
		l.alter = m.alterDER
		replace("altered before signing")
	case 17:
		m.lists[at].der = append(l.sign(), 0, 1, 2)
		m.did("list %d with bytes behind it", at)
	case 18:
		past := m.now.Add(-time.Hour)
		old := newList(of, m.now)
		old.thisUpdate, old.nextUpdate = m.now.Add(-48*time.Hour), &past
		m.lists = append([]block{{"X509 CRL", nil, old.sign()}}, m.lists...)
		m.did("an expired list before the current ones")
	case 19:
		l.revoked = []*big.Int{big.NewInt(5)}
		l.entryExtra = choice(m, seq(extension{extensionOID(21), false, []byte{2, 1, 1}}.der()), seq(seq()), []byte{5, 0}, seq(extension{extensionOID(24), true, []byte{1}}.der()))
		replace("odd entry extensions")
	case 20:
		l.issuer = name(called("Istio", "Somebody"))
		replace("another issuer name")
	default:
		m.lists[0], m.lists[len(m.lists)-1] = m.lists[len(m.lists)-1], m.lists[0]
		m.did("lists in another order")
	}
}

// alterDER changes something inside an encoding that is signed afterwards.
func (m *maker) alterDER(der []byte) []byte {
	out := append([]byte{}, der...)
	// Behind the outer header, so that the whole keeps its length.
	at := min(4, len(out)-1) + m.IntN(max(1, len(out)-4))
	if at >= len(out) {
		at = len(out) - 1
	}
	switch m.IntN(3) {
	case 0:
		out[at] ^= 1 << m.IntN(8)
	case 1:
		out[at] = byte(m.IntN(256))
	default:
		out[at] = choice[byte](m, 0, 1, 2, 3, 4, 5, 6, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0x81, 0x82, 0xa0, 0xff)
	}
	m.did("byte %d %02x -> %02x", at, der[at], out[at])
	return out
}

func (m *maker) cut(der []byte) []byte { return der[:m.IntN(len(der))] }

// alterBlocks changes which blocks stand in which file.
func (m *maker) alterBlocks() {
	switch m.IntN(30) {
	case 0:
		m.did("chain empty")
		m.chain = nil
	case 1, 2:
		m.did("chain reversed")
		for i, j := 0, len(m.chain)-1; i < j; i, j = i+1, j-1 {
			m.chain[i], m.chain[j] = m.chain[j], m.chain[i]
		}
	case 3, 4:
		if len(m.chain) > 0 {
			m.did("chain without its first")
			m.chain = m.chain[1:]
		}
	case 5:
		m.did("chain of a stranger")
		m.chain = []block{certificateBlock(m.other.sign(nil))}
	case 6:
		m.did("stranger at the end of the chain")
		m.chain = append(m.chain, certificateBlock(m.other.sign(nil)))
	case 7:
		m.did("chain twice")
		m.chain = append(m.chain, m.chain...)
	case 8:
		m.did("roots of a stranger")
		m.roots = []block{certificateBlock(m.other.sign(nil))}
	case 9:
		m.did("roots twice")
		m.roots = append(m.roots, m.roots...)
	case 10, 11:
		m.did("an intermediate as root")
		m.roots = []block{certificateBlock(m.made[m.IntN(len(m.made))])}
	case 12:
		m.did("an expired root besides")
		m.other.notAfter = timeOf(m.now.Add(-time.Hour))
		m.roots = append(m.roots, certificateBlock(m.other.sign(nil)))
	case 13:
		m.did("another key")
		m.key = []block{m.keyBlock(m.other.key)}
	case 14:
		m.did("key labelled wrongly")
		m.key[0].label = choice(m, "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "DSA PRIVATE KEY", "KEY", "ANY PRIVATE KEY")
	case 15:
		parameters := block{"EC PARAMETERS", nil, oid(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})}
		if m.chance(50) {
			m.did("parameters before the key")
			m.key = append([]block{parameters}, m.key...)
		} else {
			m.did("parameters after the key")
			m.key = append(m.key, parameters)
		}
	case 16:
		m.did("certificate with the key")
		if m.chance(50) {
			m.key = append(append([]block{}, m.signer...), m.key...)
		} else {
			m.key = append(m.key, m.signer...)
		}
	case 17:
		m.did("key encrypted")
		//lint:ignore SA1019 what people still have
		encrypted := must(x509.EncryptPEMBlock(rand.Reader, m.key[0].label, m.key[0].der, []byte("secret"), x509.PEMCipherAES256))
		m.key[0] = block{encrypted.Type, encrypted.Headers, encrypted.Bytes}
	case 18, 19, 20:
		m.alterKey()
	case 21:
		m.did("signer with others behind it")
		m.signer = append(m.signer, m.chain...)
	case 22:
		m.did("signer behind another")
		m.signer = append([]block{choice(m, certificateBlock(m.made[0]), certificateBlock(m.other.sign(nil)))}, m.signer...)
		if m.chance(50) {
			m.signer[0].label = choice(m, "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
		}
	case 23:
		m.did("signer labelled wrongly")
		m.signer[0].label = choice(m, "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "certificate", "CERTIFICATE ", "PRIVATE KEY")
	case 24:
		m.did("a chain block labelled wrongly")
		if len(m.chain) > 0 {
			m.chain[m.IntN(len(m.chain))].label = choice(m, "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PUBLIC KEY")
		}
	case 25:
		m.did("a root block labelled wrongly")
		m.roots[m.IntN(len(m.roots))].label = choice(m, "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PUBLIC KEY")
	case 26:
		m.did("headers")
		which := choice(m, &m.signer, &m.chain, &m.roots, &m.key)
		if len(*which) > 0 {
			(*which)[0].headers = map[string]string{"Comment": "yes"}
		}
	case 27:
		m.did("a broken block")
		which := choice(m, &m.signer, &m.chain, &m.roots, &m.key)
		*which = append(*which, block{"CERTIFICATE", nil, m.cut(m.last().der)})
		if m.chance(50) {
			last := len(*which) - 1
			(*which)[0], (*which)[last] = (*which)[last], (*which)[0]
		}
	case 28:
		m.did("bytes behind a certificate")
		which := choice(m, &m.signer, &m.chain, &m.roots)
		if len(*which) > 0 {
			(*which)[0].der = append(append([]byte{}, (*which)[0].der...), 0)
		}
	default:
		m.did("an expired certificate first in the chain")
		m.other.notAfter = timeOf(m.now.Add(-time.Hour))
		m.chain = append([]block{certificateBlock(m.other.sign(nil))}, m.chain...)
	}
}
