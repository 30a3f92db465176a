package admission

import "strings"

func (d *dice) peerAuthentication() any {
	spec := object{}
	if d.chance(60) {
		spec = spec.with("selector", d.selector())
	}
	if d.chance(80) {
		spec = spec.with("mtls", d.mode())
	}
	if spec.get("selector") != nil && d.chance(50) || d.chance(d.wrong) {
		spec = spec.with("portLevelMtls", d.portModes())
	}
	return spec
}

func (d *dice) mode() any {
	return d.orElse(object{{"mode", d.word(pick(d, "UNSET", "DISABLE", "PERMISSIVE", "STRICT"))}}, pick[any](d, object{}, plain("null"), list{}, "STRICT", object{{"mode", nil}}))
}

func (d *dice) portModes() any {
	if d.chance(d.wrong) {
		return pick[any](d, object{}, plain("null"), object{{"8080", nil}}, object{{"http", nil}}, list{}, object{{"0", nil}, {"80", d.mode()}})
	}
	out := object{}
	for range d.between(1, 3) {
		port := pick(d, "80", "8080", "1", "65535", "443")
		if d.chance(d.wrong) {
			port = pick(d, "0", "65536", "-1", "http", "", "08", "+8", " 8", "8 ", "\"8\"", "8.0", "1e3", "0x50", "null", "4294967296", "99999999999999999999", "80-90", "\t8", "8_0", "true", "٨", "-0", "00")
		}
		out = out.put(port, d.mode())
	}
	return out
}

func (d *dice) requestAuthentication() any {
	spec := d.attachment(object{})
	if d.chance(3) {
		return spec.with("jwtRules", pick[any](d, list{}, plain("null"), d.orElse(list{}, list{nil}), d.orElse(list{}, object{})))
	}
	rules := list{}
	for range d.weighted(2, 75, 20) {
		rules = append(rules, d.jwtRule())
	}
	return spec.with("jwtRules", rules)
}

func (d *dice) jwtRule() any {
	out := object{}
	if d.chance(92 - d.wrong/2) {
		out = out.with("issuer", d.text(issuers))
	}
	switch d.weighted(35, 35, 20, 4, d.wrong/2) {
	case 0:
		out = out.with("jwksUri", d.text(uris))
	case 1:
		out = out.with("jwks", d.jwks())
	case 3:
		out = out.with("jwks_uri", d.text(uris))
	case 4:
		out = out.with("jwksUri", d.text(uris)).with(pick(d, "jwks", "jwks_uri"), pick[any](d, d.jwks(), "", d.text(uris), plain("null")))
	}
	optional := []func() field{
		func() field { return field{"audiences", d.texts(filled, 2)} },
		func() field { return field{"fromParams", d.texts(filled, 2)} },
		func() field { return field{"fromCookies", d.texts(filled, 2)} },
		func() field { return field{"fromHeaders", d.fromHeaders()} },
		func() field { return field{"outputPayloadToHeader", d.orElse(d.text(anyText), d.oddScalar())} },
		func() field { return field{"outputClaimToHeaders", d.outputClaims()} },
		func() field { return field{"spaceDelimitedClaims", d.texts(filled, 2)} },
		func() field { return field{"timeout", d.orElse(d.text(durations), d.oddScalar())} },
		func() field {
			return field{"forwardOriginalToken", d.orElse(pick(d, true, false), pick[any](d, "true", plain("yes"), 1, plain("null"), plain("0")))}
		},
	}
	for range d.weighted(40, 35, 20, 5) {
		f := pick(d, optional...)()
		out = out.put(f.key, f.value)
	}
	if d.chance(d.wrong / 3) {
		out = out.with(pick(d, "presence", "Issuer", "jwks_Uri", "from_headers", "audience", "jwksURI", "from_params", "output_payload_to_header", "space_delimited_claims", "spaceDelimitedClaim"), pick[any](d, "OPTIONAL", list{"a"}, list{object{{"name", ""}}}, ""))
	}
	if d.chance(0.3) {
		many := list{}
		for range pick(d, 64, 65) {
			many = append(many, "a")
		}
		out = out.put("spaceDelimitedClaims", many)
	}
	return d.orElse(out, pick[any](d, out, out, nil, object{}, list{}, "a"))
}

func (d *dice) fromHeaders() any {
	out := list{}
	for range d.between(1, 2) {
		header := object{{"name", d.text(filled)}}
		if d.chance(40) {
			header = header.with("prefix", d.orElse(pick(d, "Bearer ", "", "x"), d.oddScalar()))
		}
		out = append(out, d.orElse(header, pick[any](d, object{}, nil, object{{"prefix", "x"}}, object{{"name", nil}}, "x")))
	}
	return out
}

func (d *dice) outputClaims() any {
	out := list{}
	for range d.between(1, 2) {
		out = append(out, d.orElse(object{{"header", d.text(headerNames)}, {"claim", d.text(claims)}}, pick[any](d, object{}, nil, object{{"header", "x"}}, object{{"claim", "x"}}, object{{"header", nil}, {"claim", "x"}})))
	}
	return out
}

// jwks is the text of a key set, or what people take for one.
func (d *dice) jwks() any {
	if d.chance(d.wrong) {
		return pick[any](d, "", "{}", "null", "[]", "x", `{"keys": {}}`, `{"keys": [1]}`, `{"keys": [null]}`, `"a"`, "5", `{"keys": [{}]}`, object{{"keys", list{}}}, `{"keys": "a"}`, "{", `{"keys": []`, "  ", plain("null"), `{"Keys": []}`, `{"keys": [[]]}`)
	}
	if d.chance(15) {
		return d.jwk() + pick(d, "", " ", "x", "{}")
	}
	if d.chance(8) {
		return pick(d, `{"keys": []}`, `{"keys": null}`, `{"keys": [], "a": 1}`, `{"keys":[]}x`, ` {"keys":[]} `, `{"keys": [], "keys": []}`)
	}
	var keys []string
	for range d.between(1, 2) {
		keys = append(keys, d.jwk())
	}
	return `{"keys": [` + strings.Join(keys, ",") + `]}`
}

// member writes a member of a key; its text comes from outside its grammar when the document is meant to have mistakes.
func (d *dice) member(name string, good ...string) string {
	value := `"` + pick(d, good...) + `"`
	if d.chance(d.wrong) {
		value = pick(d, `""`, "null", "5", "true", "[]", `["a"]`, "{}", `"a"`, `"ab=="`, `"a+b/"`, `"a-_b"`, `"a+_b"`, `"a b"`, `"é"`, `"ab="`, `"abc="`, `"abcd="`, `"ab\ncd"`, `"a*cd"`, `"====" `, `"ab\r\n"`, `"abc"`, `"AQAB\u0000"`)
		if d.chance(15) {
			name = pick(d, strings.ToUpper(name), name+"x", "")
		}
	}
	return quoted(name) + ": " + value
}

const numbers = "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw"

// certificate is a small self-signed one.
const certificate = "MIIBLjCB4aADAgECAhRoB5n34cV8pZyXD0pqmaRmaKyFqTAFBgMrZXAwDDEKMAgGA1UEAwwBYTAgFw0yNjAxMDEwMDAwMDBaGA8yMTI2MDEwMTAwMDAwMFowDDEKMAgGA1UEAwwBYTAqMAUGAytlcAMhAGb0v8rHqLC7KkIbXy0QyFwnVzK8NqBQfUrLTXsjnv9Yo1MwUTAdBgNVHQ4EFgQUJx4oEEkk"

func (d *dice) jwk() string {
	var members []string
	kind := pick(d, "RSA", "RSA", "EC", "OKP", "oct")
	switch kind {
	case "RSA":
		members = append(members, d.member("n", numbers, "AQAB", "AQ=="), d.member("e", "AQAB"))
	case "EC":
		members = append(members, d.member("crv", "P-256", "P-384", "x"), d.member("x", "AQAB", "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0"), d.member("y", "AQAB"))
	case "OKP":
		members = append(members, d.member("crv", "Ed25519", "x"), d.member("x", "AQAB"))
	case "oct":
		members = append(members, d.member("k", "AQAB", ""))
	}
	if d.chance(8) {
		members = append(members, d.member("d", "AQAB", ""))
		if kind == "RSA" && d.chance(50) {
			members = append(members, d.member("p", "AQAB"), d.member("q", "AQAB"), d.member("dp", "AQ"), d.member("dq", "AQ"), d.member("qi", "AQ"))
		}
	}
	if d.chance(d.wrong) && len(members) > 0 {
		members = members[1:]
	}
	more := []func() string{
		func() string { return d.member("kid", "a", "", "é") },
		func() string { return d.member("use", "sig", "enc", "x") },
		func() string { return d.member("alg", "RS256", "x") },
		func() string { return d.member("x5t", "AQAB") },
		func() string { return d.member("x5t#S256", "AQAB") },
		func() string { return d.member(pick(d, "x5u", "x5u", "x58"), "https://a") },
		func() string {
			return `"key_ops": ` + pick(d, `["verify"]`, `["x", "y"]`, "[]", "null", `["sign"]`, d.broken(`"sign"`, `[1]`, `[null]`, "{}"))
		},
		func() string {
			return `"x5c": ` + pick(d, "null", "[]", d.broken(`["AQAB"]`, `[1]`, `["`+certificate+`"]`, `"a"`, "{}"))
		},
		func() string { return `"other": ` + pick(d, "1", "{}", "null", `"a"`, "[1]") },
	}
	for range d.weighted(40, 40, 20) {
		members = append(members, pick(d, more...)())
	}
	if d.chance(3) && len(members) > 0 {
		members = append(members, pick(d, members...))
	}
	name := pick(d, `"kty": "`+kind+`"`, `"kty": "`+kind+`"`, `"kty": "`+kind+`"`, d.broken(`"kty": "RSA"`, `"kty": "EC"`, `"KTY": "`+kind+`"`, `"kty": "rsa"`, `"kty": 5`, `"kty": null`, `"kty": "X"`, `"a": 1`))
	if name == "" {
		name = `"kty": "` + kind + `"`
	}
	members = append(members, name)
	d.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	kept := members[:0]
	for _, m := range members {
		if !strings.HasSuffix(m, ": ") && m != "" {
			kept = append(kept, m)
		}
	}
	return "{" + strings.Join(kept, pick(d, ",", ", ", ",\n ")) + "}"
}

// broken is one of the texts when the document is meant to have mistakes.
func (d *dice) broken(texts ...string) string {
	if d.chance(d.wrong * 2) {
		return pick(d, texts...)
	}
	return ""
}
