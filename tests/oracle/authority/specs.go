package authority

import (
	"encoding/asn1"
	"math/big"
	"time"
)

// alterSpecs changes one authority before it is signed.
func (m *maker) alterSpecs() {
	at := m.IntN(len(m.specs))
	if m.chance(35) {
		at = len(m.specs) - 1
	}
	s := m.specs[at]
	did := func(format string, args ...any) { m.did("authority %d: "+format, append([]any{at}, args...)...) }
	switch m.IntN(34) {
	case 0:
		did("expired")
		s.notAfter = timeOf(m.now.Add(-time.Duration(1+m.IntN(10000)) * time.Minute))
	case 1:
		did("not yet valid")
		s.notBefore = timeOf(m.now.Add(time.Duration(1+m.IntN(10000)) * time.Minute))
	case 2:
		did("short-lived")
		s.notAfter = timeOf(m.now.Add(time.Duration(5+m.IntN(600)) * time.Minute))
	case 3:
		did("basicConstraints")
		switch m.IntN(4) {
		case 0:
			s.drop(19)
		case 1:
			s.set(19, true, basicConstraints(false, -1))
		case 2:
			s.set(19, false, basicConstraints(true, -1))
		default:
			s.set(19, m.chance(50), choice(m, seq([]byte{1, 1, 1}), seq([]byte{1, 1, 0}), seq(integer(big.NewInt(3))), append(basicConstraints(true, -1), 5, 0), []byte{5, 0}, seq([]byte{1, 1, 0xff, 2, 1, 0xff}), seq([]byte{1, 1, 0xff}, integer(big.NewInt(1<<40)))))
		}
	case 4, 5:
		did("path length")
		s.set(19, true, basicConstraints(true, m.IntN(4)))
	case 6, 7:
		usage := choice(m, []int{5}, []int{6}, []int{0, 5, 6}, []int{0, 1, 2, 5}, []int{0, 2}, []int{}, []int{8}, []int{5, 6, 8})
		did("key usage %v", usage)
		s.set(15, m.chance(70), keyUsage(usage...))
	case 8:
		did("no key usage")
		s.drop(15)
	case 9:
		did("odd key usage")
		s.set(15, true, choice(m, []byte{3, 2, 1, 1}, []byte{3, 2, 8, 0}, []byte{3, 0}, []byte{4, 1, 6}, append(keyUsage(5, 6), 0), []byte{3, 3, 0, 6, 0}))
	case 10, 11, 12:
		ids := choice(m,
			[]asn1.ObjectIdentifier{serverAuth, clientAuth}, []asn1.ObjectIdentifier{serverAuth}, []asn1.ObjectIdentifier{clientAuth},
			[]asn1.ObjectIdentifier{anyPurpose}, []asn1.ObjectIdentifier{emailUsage}, []asn1.ObjectIdentifier{oddPurpose},
			[]asn1.ObjectIdentifier{oddPurpose, anyPurpose}, []asn1.ObjectIdentifier{}, []asn1.ObjectIdentifier{clientAuth, serverAuth, emailUsage})
		did("purposes %v", ids)
		s.set(37, m.chance(30), purposes(ids...))
	case 13, 14, 15:
		s.set(30, m.chance(60), m.nameConstraints())
		did("name constraints %x", s.get(30).value)
	case 16, 17:
		s.set(17, m.chance(20), m.names())
		did("names %x", s.get(17).value)
	case 18:
		s.algorithm = m.algorithmFor(m.signerKey(at))
		did("signed with %s", s.algorithm)
	case 19:
		did("signed by a stranger")
		s.forge = &m.other.key
	case 20:
		did("signature broken")
		s.spoil = func(der []byte) []byte {
			der[len(der)-1-m.IntN(20)] ^= 1
			return der
		}
	case 21:
		critical := m.chance(70)
		did("unknown extension, critical %v", critical)
		s.extensions = append(s.extensions, extension{choice(m, asn1.ObjectIdentifier{1, 2, 3, 4}, extensionOID(18), extensionOID(9), extensionOID(20)), critical, seq()})
	case 22:
		did("extension twice")
		if len(s.extensions) > 0 {
			s.extensions = append(s.extensions, s.extensions[m.IntN(len(s.extensions))])
		}
	case 23:
		s.version = choice(m, 0, 1, 3, 5)
		if m.chance(50) {
			s.extensions = nil
		}
		did("version %d, %d extensions", s.version+1, len(s.extensions))
	case 24:
		s.serial = choice(m, big.NewInt(-1), big.NewInt(0), new(big.Int).Lsh(big.NewInt(1), 160), new(big.Int).Lsh(big.NewInt(3), 200))
		did("serial %s", s.serial)
	case 25:
		did("issuer")
		switch m.IntN(3) {
		case 0:
			s.issuer = name(called("Istio", "Nobody"))
		case 1:
			if at > 0 {
				s.issuer = name([]attribute{{asn1.ObjectIdentifier{2, 5, 4, 10}, 0x0c, "Istio"}, {asn1.ObjectIdentifier{2, 5, 4, 3}, 0x0c, "Root CA"}})
			}
		default:
			s.issuer = seq()
		}
	case 26:
		s.subject = m.name()
		did("subject %x", s.subject)
	case 27:
		switch m.IntN(5) {
		case 0:
			s.drop(14)
		case 1:
			s.set(14, true, octets(keyIdentifier(s.key)))
		case 2:
			s.set(14, false, octets([]byte("somebody else")))
		case 3:
			s.set(35, false, seq(tlv(0x80, []byte("somebody else"))))
		default:
			s.set(35, m.chance(50), choice(m, seq(), seq(tlv(0xa1, []byte{})), []byte{5, 0}, seq(tlv(0x80))))
		}
		did("key identifiers")
	case 28:
		m.policies(s)
		did("policies")
	case 29, 30:
		did("altered before signing")
		s.alter = m.alterDER
	case 31:
		did("odd times")
		odd := choice(m,
			tlv(0x17, []byte("2001010000Z")), tlv(0x17, []byte("200101000000+0100")), tlv(0x18, []byte("20200101000000Z")),
			tlv(0x18, []byte("20200101000000.5Z")), tlv(0x17, []byte("200101000000")), tlv(0x17, []byte("200230000000Z")),
			tlv(0x18, []byte("20200101000000+0000")), tlv(0x16, []byte("200101000000Z")), tlv(0x17, []byte("500101000000Z")),
			tlv(0x18, []byte("00000101000000Z")), tlv(0x17, []byte("2001010000+0100")), tlv(0x17, []byte("200101000060Z")))
		if m.chance(80) {
			s.notBefore = odd
		} else {
			s.notAfter = choice(m, tlv(0x18, []byte("99991231235959Z")), tlv(0x18, []byte("20991231235959-2400")), tlv(0x17, []byte("4912312359Z")), odd)
		}
	case 32:
		did("odd key")
		s.spki = m.oddKey(s.key)
	default:
		did("other extensions")
		m.otherExtensions(s)
	}
}

// signerKey is the key that signs the authority at a place.
func (m *maker) signerKey(at int) key { return m.specs[max(0, at-1)].key }

func (m *maker) algorithmFor(k key) string {
	switch k.kind {
	case "P-224", "P-256", "P-384", "P-521":
		return choice(m, "EC-SHA1", "EC-SHA256", "EC-SHA384", "EC-SHA512", "RSA-SHA256")
	case "Ed25519":
		return choice(m, "Ed25519", "EC-SHA256")
	default:
		return choice(m, "RSA-SHA1", "RSA-SHA256", "RSA-SHA384", "RSA-SHA512", "RSA-MD5", "RSA-ISO", "PSS-SHA256", "PSS-SHA512", "PSS-odd", "PSS-none", "unknown")
	}
}

func (m *maker) nameConstraints() []byte {
	tree := func(tag byte, value string) []byte { return seq(tlv(tag, []byte(value))) }
	one := func() []byte {
		switch m.IntN(12) {
		case 0, 1, 2, 3, 4:
			return tree(0x86, choice(m, "cluster.local", "cluster.local", ".local", "local", "other.local", ".cluster.local", "CLUSTER.local", "", "1.2.3.4", "a..b", "cluster.local.", "ster.local"))
		case 5, 6, 7:
			return tree(0x82, choice(m, "svc", "istio-system.svc", ".svc", "example.com", "", "*.svc", "a b", "istiod.istio-system.svc"))
		case 8:
			return seq(tlv(0x87, choice(m, []byte{10, 0, 0, 0, 255, 0, 0, 0}, []byte{10, 0, 0, 5, 255, 0, 0, 0}, []byte{9, 0, 0, 0, 255, 0, 0, 0}, []byte{0, 0, 0, 0, 0, 0, 0, 0}, []byte{10, 0, 0, 0, 255, 0, 255, 0}, []byte{1}, make([]byte, 32))))
		case 9:
			return tree(0x81, choice(m, "example.com", "a@example.com", ".example.com", "a@", "@b", "\"q q\"@example.com"))
		case 10:
			return seq(tlv(0xa4, name(called("Istio", "x"))))
		default:
			return seq(tlv(0x88, []byte{1}))
		}
	}
	var permitted, excluded [][]byte
	for range 1 + m.IntN(3) {
		if m.chance(70) {
			permitted = append(permitted, one())
		} else {
			excluded = append(excluded, one())
		}
	}
	var parts [][]byte
	if len(permitted) > 0 {
		parts = append(parts, tlv(0xa0, permitted...))
	}
	if len(excluded) > 0 {
		parts = append(parts, tlv(0xa1, excluded...))
	}
	if m.chance(4) {
		return choice(m, seq(), seq(tlv(0xa0)), append(seq(parts...), 0), []byte{5, 0})
	}
	return seq(parts...)
}

func (m *maker) names() []byte {
	var parts [][]byte
	for range 1 + m.IntN(3) {
		switch m.IntN(8) {
		case 0, 1:
			parts = append(parts, tlv(0x82, []byte(choice(m, "istiod.istio-system.svc", "a.svc", "*.istio-system.svc", "example.com", "", "a b", ".svc", "\xff", "a..b", "svc.", "x.example.com"))))
		case 2, 3, 4:
			parts = append(parts, tlv(0x86, []byte(choice(m,
				"spiffe://cluster.local", "spiffe://cluster.local/ns/a/sa/b", "spiffe://other.local/x", "spiffe:opaque", "spiffe:///x", "", "*",
				"x://a:80/b", "x://a:b/", "x://[::1]/", "x://[::1]:80/", "x://1.2.3.4/", "x://u:p@h/", "x://a%41/", "x://a%C3%A4/", "x://a b/", ":x", "1:x",
				"x://h/%zz", "x://h/#%zz", "x://h/\x01", "http://a:1:2/", "x://a:1:2/", "x://a../b", "x://cluster.local:8443/", "x://[fe80::1%25en0]/", "x://Cluster.Local/"))))
		case 5:
			parts = append(parts, tlv(0x87, choice(m, []byte{10, 0, 0, 1}, []byte{11, 0, 0, 1}, make([]byte, 16), []byte{1, 2, 3}, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1})))
		case 6:
			parts = append(parts, tlv(0x81, []byte(choice(m, "a@example.com", "A@Example.com", "a@x.example.com", "\"q q\"@example.com", "nobody", "a..b@example.com", "\xe4@x", "a@x."))))
		default:
			parts = append(parts, choice(m, tlv(0xa4, name(called("Istio", "x"))), tlv(0x88, []byte{0x2a, 3}), tlv(0xa0, oid(oddPurpose), tlv(0xa0, []byte{5, 0}))))
		}
	}
	if m.chance(4) {
		return choice(m, seq(), []byte{5, 0}, append(seq(parts...), 1), seq(append(parts, []byte{0x82, 9, 1})...))
	}
	return seq(parts...)
}

func (m *maker) name() []byte {
	if m.chance(10) {
		return seq()
	}
	var parts []attribute
	for range 1 + m.IntN(3) {
		id := asn1.ObjectIdentifier{2, 5, 4, choice(m, 3, 3, 6, 7, 10, 10, 11, 5, 8, 9, 17, 4, 42)}
		if m.chance(10) {
			id = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}
		}
		value := choice(m, "Istio", "Root CA", "Intermediate CA", "Root CA", "a,b", " x ", "#x", "a+b", "é", "*", "", "x\"y\\z;<>")
		tag := choice[byte](m, 0x0c, 0x0c, 0x0c, 0x13, 0x13, 0x14, 0x16, 0x12, 0x1e, 0x1c)
		if tag == 0x1e && m.chance(60) {
			value = "\x00I\x00s\x00t"
		}
		if tag == 0x12 && m.chance(60) {
			value = "12 3"
		}
		parts = append(parts, attribute{id, tag, value})
	}
	return name(parts)
}

// policies adds certificate policies and what goes with them.
func (m *maker) policies(s *spec) {
	p := func(arcs ...int) []byte {
		return oid(asn1.ObjectIdentifier(append([]int{1, 3, 6, 1, 4, 1, 9999}, arcs...)))
	}
	anyPolicy := oid(asn1.ObjectIdentifier{2, 5, 29, 32, 0})
	one := func() []byte { return choice(m, p(1), p(2), anyPolicy) }
	for _, s := range append([]*spec{s}, m.specs...) {
		if !m.chance(60) {
			continue
		}
		switch m.IntN(5) {
		case 0, 1:
			var list [][]byte
			for range 1 + m.IntN(2) {
				list = append(list, seq(one()))
			}
			s.set(32, m.chance(30), seq(list...))
		case 2:
			var parts [][]byte
			if m.chance(70) {
				parts = append(parts, tlv(0x80, []byte{byte(m.IntN(3))}))
			}
			if m.chance(40) {
				parts = append(parts, tlv(0x81, []byte{choice[byte](m, 0, 1, 0xff)}))
			}
			s.set(36, m.chance(50), seq(parts...))
		case 3:
			s.set(33, m.chance(30), seq(seq(one(), one())))
		default:
			s.set(54, m.chance(50), choice(m, []byte{2, 1, 0}, []byte{2, 1, 1}, []byte{2, 1, 0xff}, []byte{5, 0}))
		}
	}
}

// oddKey writes a public key that others would not.
func (m *maker) oddKey(k key) []byte {
	switch m.IntN(6) {
	case 0:
		return seq(seq(oid(asn1.ObjectIdentifier{1, 2, 3}), []byte{5, 0}), bits([]byte{1, 2, 3}))
	case 1:
		return seq(seq(oid(append1(oidRSA, 1))), bits(seq(integer(big.NewInt(77)), integer(big.NewInt(3)))))
	case 2:
		return seq(seq(oid(append1(oidRSA, 1)), []byte{5, 0}), bits(seq(integer(big.NewInt(-77)), integer(big.NewInt(3)))))
	case 3:
		return seq(seq(oid(asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}), oid(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})), bits(append([]byte{4}, make([]byte, 64)...)))
	case 4:
		dsa := seq(integer(big.NewInt(23)), integer(big.NewInt(11)), integer(big.NewInt(2)))
		return seq(seq(oid(asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}), dsa), bits(integer(big.NewInt(5))))
	default:
		return seq(seq(oid(asn1.ObjectIdentifier{1, 3, 101, 112}), choice(m, nil, []byte{5, 0})), bits(make([]byte, choice(m, 32, 31))))
	}
}

func (m *maker) otherExtensions(s *spec) {
	uri := tlv(0x86, []byte("http://x/crl"))
	switch m.IntN(7) {
	case 0:
		s.set(31, m.chance(30), seq(seq(tlv(0xa0, tlv(0xa0, uri)))))
	case 1:
		s.set(31, m.chance(30), choice(m, seq(seq(tlv(0xa0, tlv(0xa1, seq())))), seq(seq(tlv(0xa2, uri))), seq([]byte{5, 0}), []byte{5, 0}))
	case 2:
		aia := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}
		s.extensions = append(s.extensions, extension{aia, m.chance(20), choice(m, seq(seq(oid(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1}), uri)), seq(seq(oid(oddPurpose), tlv(0xa4, seq()))), seq([]byte{5, 0}), []byte{1})})
	case 3:
		s.set(37, false, choice(m, []byte{5, 0}, seq([]byte{6, 0}), seq([]byte{6, 2, 0x55, 0x80}), append(purposes(serverAuth, clientAuth), 0)))
	case 4:
		s.set(14, false, choice(m, []byte{4, 0}, []byte{5, 0}, []byte{4, 200}, octets([]byte("abc"))))
	case 5:
		s.set(32, false, choice(m, seq(seq([]byte{6, 1, 0x80})), seq(seq(oid(oddPurpose)), seq(oid(oddPurpose))), seq([]byte{5, 0}), seq(seq(oid(oddPurpose), []byte{5, 0}))))
	default:
		// In another order.
		for i := range s.extensions {
			j := m.IntN(len(s.extensions))
			s.extensions[i], s.extensions[j] = s.extensions[j], s.extensions[i]
		}
	}
}
