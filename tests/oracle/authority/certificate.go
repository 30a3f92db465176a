package authority

import (
	"crypto"
	_ "crypto/md5"
	"crypto/sha1"
	_ "crypto/sha512"
	"encoding/asn1"
	"math/big"
	mathrand "math/rand/v2"
	"time"
)

// algorithm is a way of signing.
type algorithm struct {
	oid    asn1.ObjectIdentifier
	params []byte
	hash   crypto.Hash
	pss    bool
}

var (
	oidRSA = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1}
	oidEC  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4}

	hashOIDs = map[crypto.Hash]asn1.ObjectIdentifier{
		crypto.MD5: {1, 2, 840, 113549, 2, 5}, crypto.SHA1: {1, 3, 14, 3, 2, 26}, crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
		crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
	}
)

func append1(oid asn1.ObjectIdentifier, arcs ...int) asn1.ObjectIdentifier {
	return append(append(asn1.ObjectIdentifier{}, oid...), arcs...)
}

var algorithms = map[string]algorithm{
	"RSA-MD5":    {append1(oidRSA, 4), []byte{5, 0}, crypto.MD5, false},
	"RSA-SHA1":   {append1(oidRSA, 5), []byte{5, 0}, crypto.SHA1, false},
	"RSA-ISO":    {asn1.ObjectIdentifier{1, 3, 14, 3, 2, 29}, []byte{5, 0}, crypto.SHA1, false},
	"RSA-SHA256": {append1(oidRSA, 11), []byte{5, 0}, crypto.SHA256, false},
	"RSA-SHA384": {append1(oidRSA, 12), []byte{5, 0}, crypto.SHA384, false},
	"RSA-SHA512": {append1(oidRSA, 13), nil, crypto.SHA512, false},
	"PSS-SHA256": {append1(oidRSA, 10), pss(crypto.SHA256, 32), crypto.SHA256, true},
	"PSS-SHA512": {append1(oidRSA, 10), pss(crypto.SHA512, 64), crypto.SHA512, true},
	"PSS-odd":    {append1(oidRSA, 10), pss(crypto.SHA256, 20), crypto.SHA256, true},
	"PSS-none":   {append1(oidRSA, 10), nil, crypto.SHA256, true},
	"EC-SHA1":    {append1(oidEC, 1), nil, crypto.SHA1, false},
	"EC-SHA256":  {append1(oidEC, 3, 2), nil, crypto.SHA256, false},
	"EC-SHA384":  {append1(oidEC, 3, 3), nil, crypto.SHA384, false},
	"EC-SHA512":  {append1(oidEC, 3, 4), []byte{5, 0}, crypto.SHA512, false},
	"Ed25519":    {asn1.ObjectIdentifier{1, 3, 101, 112}, nil, 0, false},
	"unknown":    {asn1.ObjectIdentifier{1, 2, 3, 4}, nil, crypto.SHA256, false},
}

func pss(hash crypto.Hash, salt int) []byte {
	inner := seq(oid(hashOIDs[hash]), []byte{5, 0})
	return seq(tlv(0xa0, inner), tlv(0xa1, seq(oid(append1(oidRSA, 8)), inner)), tlv(0xa2, integer(big.NewInt(int64(salt)))))
}

// usual is the algorithm Go would take for a key.
func usual(k key) string {
	switch k.kind {
	case "P-224", "P-256":
		return "EC-SHA256"
	case "P-384":
		return "EC-SHA384"
	case "P-521":
		return "EC-SHA512"
	case "Ed25519":
		return "Ed25519"
	default:
		return "RSA-SHA256"
	}
}

// tlv and its friends write DER.
func tlv(tag byte, parts ...[]byte) []byte {
	var content []byte
	for _, part := range parts {
		content = append(content, part...)
	}
	header := []byte{tag}
	switch n := len(content); {
	case n < 128:
		header = append(header, byte(n))
	case n < 256:
		header = append(header, 0x81, byte(n))
	default:
		header = append(header, 0x82, byte(n>>8), byte(n))
	}
	return append(header, content...)
}

func seq(parts ...[]byte) []byte                 { return tlv(0x30, parts...) }
func oid(id asn1.ObjectIdentifier) []byte        { return must(asn1.Marshal(id)) }
func integer(n *big.Int) []byte                  { return must(asn1.Marshal(n)) }
func octets(content []byte) []byte               { return tlv(4, content) }
func bits(content []byte) []byte                 { return tlv(3, []byte{0}, content) }
func (a algorithm) identifier() []byte           { return seq(oid(a.oid), a.params) }
func extensionOID(arc int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, arc} }

// attribute is one part of a name.
type attribute struct {
	id    asn1.ObjectIdentifier
	tag   byte
	value string
}

func name(attributes []attribute) []byte {
	var sets [][]byte
	for _, a := range attributes {
		sets = append(sets, tlv(0x31, seq(oid(a.id), tlv(a.tag, []byte(a.value)))))
	}
	return seq(sets...)
}

func called(organization, common string) []attribute {
	return []attribute{{asn1.ObjectIdentifier{2, 5, 4, 10}, 0x13, organization}, {asn1.ObjectIdentifier{2, 5, 4, 3}, 0x0c, common}}
}

// extension is one extension of a certificate or a list.
type extension struct {
	id       asn1.ObjectIdentifier
	critical bool
	value    []byte
}

func (e extension) der() []byte {
	if e.critical {
		return seq(oid(e.id), []byte{1, 1, 0xff}, octets(e.value))
	}
	return seq(oid(e.id), octets(e.value))
}

// spec is a certificate before it is signed.
type spec struct {
	version    int // as encoded: 2 is version 3
	serial     *big.Int
	subject    []byte
	issuer     []byte // the parent's subject unless set
	notBefore  []byte
	notAfter   []byte
	key        key
	extensions []extension
	algorithm  string // the parent key's usual one unless set
	// alter changes the encoded part that is signed, before it is signed.
	alter func([]byte) []byte
	// forge signs with another key.
	forge *key
	// spoil changes the whole certificate after it is signed.
	spoil func([]byte) []byte
	// spki replaces the encoded key.
	spki []byte
}

// made is a certificate with its key.
type made struct {
	spec *spec
	der  []byte
}

func timeOf(t time.Time) []byte {
	t = t.UTC()
	if t.Year() < 1950 || t.Year() >= 2050 {
		return tlv(0x18, []byte(t.Format("20060102150405Z")))
	}
	return tlv(0x17, []byte(t.Format("060102150405Z")))
}

func (s *spec) get(arc int) *extension {
	for i := range s.extensions {
		if s.extensions[i].id.Equal(extensionOID(arc)) {
			return &s.extensions[i]
		}
	}
	return nil
}

func (s *spec) set(arc int, critical bool, value []byte) {
	if e := s.get(arc); e != nil {
		e.critical, e.value = critical, value
		return
	}
	s.extensions = append(s.extensions, extension{extensionOID(arc), critical, value})
}

func (s *spec) drop(arc int) {
	var kept []extension
	for _, e := range s.extensions {
		if !e.id.Equal(extensionOID(arc)) {
			kept = append(kept, e)
		}
	}
	s.extensions = kept
}

func basicConstraints(ca bool, pathLength int) []byte {
	var parts [][]byte
	if ca {
		parts = append(parts, []byte{1, 1, 0xff})
	}
	if pathLength >= 0 {
		parts = append(parts, integer(big.NewInt(int64(pathLength))))
	}
	return seq(parts...)
}

// keyUsage takes bits numbered as in RFC 5280.
func keyUsage(bits ...int) []byte {
	var value [2]byte
	highest := -1
	for _, bit := range bits {
		value[bit/8] |= 0x80 >> (bit % 8)
		highest = max(highest, bit)
	}
	if highest < 0 {
		return []byte{3, 1, 0}
	}
	length := highest/8 + 1
	return tlv(3, []byte{byte(length*8 - highest - 1)}, value[:length])
}

func purposes(ids ...asn1.ObjectIdentifier) []byte {
	var parts [][]byte
	for _, id := range ids {
		parts = append(parts, oid(id))
	}
	return seq(parts...)
}

var (
	serverAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	clientAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
	anyPurpose = asn1.ObjectIdentifier{2, 5, 29, 37, 0}
	emailUsage = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 4}
	oddPurpose = asn1.ObjectIdentifier{1, 2, 3, 4, 5}
)

func keyIdentifier(k key) []byte {
	sum := sha1.Sum(k.spki)
	return sum[:]
}

// authority is a spec of a usual authority.
func newAuthority(random *mathrand.Rand, common string, k key, pathLength int, now time.Time) *spec {
	serial := new(big.Int).SetUint64(random.Uint64())
	s := &spec{
		version: 2, serial: serial, subject: name(called("Istio", common)), key: k,
		notBefore: timeOf(now.Add(-time.Hour)), notAfter: timeOf(now.Add(90 * 24 * time.Hour)),
	}
	s.set(15, true, keyUsage(5, 6))
	s.set(19, true, basicConstraints(true, pathLength))
	s.set(14, false, octets(keyIdentifier(k)))
	return s
}

// sign makes the certificate; a nil parent means it signs itself.
func (s *spec) sign(parent *spec) made {
	signer := s
	if parent != nil {
		signer = parent
		if s.get(35) == nil && parent.get(14) != nil {
			if identifier := parent.get(14).value; len(identifier) > 2 {
				s.extensions = append(s.extensions, extension{extensionOID(35), false, seq(tlv(0x80, identifier[2:]))})
			}
		}
	}
	issuer := s.issuer
	if issuer == nil {
		issuer = signer.subject
	}
	k := signer.key
	if s.forge != nil {
		k = *s.forge
	}
	chosen := s.algorithm
	if chosen == "" {
		chosen = usual(k)
	}
	a := algorithms[chosen]
	spki := s.key.spki
	if s.spki != nil {
		spki = s.spki
	}
	var parts [][]byte
	if s.version != 0 {
		parts = append(parts, tlv(0xa0, integer(big.NewInt(int64(s.version)))))
	}
	parts = append(parts, integer(s.serial), a.identifier(), issuer, seq(s.notBefore, s.notAfter), s.subject, spki)
	if len(s.extensions) > 0 {
		var list [][]byte
		for _, e := range s.extensions {
			list = append(list, e.der())
		}
		parts = append(parts, tlv(0xa3, seq(list...)))
	}
	tbs := seq(parts...)
	if s.alter != nil {
		tbs = s.alter(tbs)
	}
	der := seq(tbs, a.identifier(), bits(k.signWith(a, tbs)))
	if s.spoil != nil {
		der = s.spoil(der)
	}
	return made{s, der}
}

// list is a revocation list before it is signed.
type list struct {
	version    int
	issuer     []byte
	thisUpdate time.Time
	nextUpdate *time.Time
	revoked    []*big.Int
	entryExtra []byte
	extensions []extension
	algorithm  string
	key        key
	alter      func([]byte) []byte
}

func newList(of *spec, now time.Time) *list {
	next := now.Add(30 * 24 * time.Hour)
	l := &list{version: 1, issuer: of.subject, thisUpdate: now.Add(-time.Hour), nextUpdate: &next, key: of.key}
	if e := of.get(14); e != nil && len(e.value) > 2 {
		l.extensions = append(l.extensions, extension{extensionOID(35), false, seq(tlv(0x80, e.value[2:]))})
	}
	l.extensions = append(l.extensions, extension{extensionOID(20), false, integer(big.NewInt(7))})
	return l
}

func (l *list) sign() []byte {
	chosen := l.algorithm
	if chosen == "" {
		chosen = usual(l.key)
	}
	a := algorithms[chosen]
	var parts [][]byte
	if l.version > 0 {
		parts = append(parts, integer(big.NewInt(int64(l.version))))
	}
	parts = append(parts, a.identifier(), l.issuer, timeOf(l.thisUpdate))
	if l.nextUpdate != nil {
		parts = append(parts, timeOf(*l.nextUpdate))
	}
	if len(l.revoked) > 0 {
		var entries [][]byte
		for _, serial := range l.revoked {
			entries = append(entries, seq(integer(serial), timeOf(l.thisUpdate), l.entryExtra))
		}
		parts = append(parts, seq(entries...))
	}
	if len(l.extensions) > 0 {
		var all [][]byte
		for _, e := range l.extensions {
			all = append(all, e.der())
		}
		parts = append(parts, tlv(0xa0, seq(all...)))
	}
	tbs := seq(parts...)
	if l.alter != nil {
		tbs = l.alter(tbs)
	}
	return seq(tbs, a.identifier(), bits(l.key.signWith(a, tbs)))
}
