package generate

import (
	"encoding/json"
	"fmt"
	str "strings"
)

// Times far from any wall clock: what is expired stays expired, what is valid stays valid.
const (
	farPast   = 1_500_000_000
	past      = 1_600_000_000
	future    = 4_000_000_000
	farFuture = 4_100_000_000
)

// jwk is one element of a key set: a key and what the set says about it.
type jwk struct {
	key      *key
	kid, alg string
}

// jwtRule is one rule of a RequestAuthentication as the request side needs it.
type jwtRule struct {
	issuer    string
	keys      []jwk
	audiences []string
	headers   []location
	params    []string
	cookies   []string
	namespace string
	labels    Doc // selector, nil for none
	dead      bool
}

type location struct{ name, prefix string }

// token is a JWT in the making: the texts that get signed, and how.
type token struct {
	header map[string]any
	claims map[string]any
	key    *key
	alg    string
	defect string
}

var subjects = []string{"alice", "bob", "svc-1", "admin", "a/b", ""}

// claimNames are the top-level claims policies look at besides the registered ones.
var claimValues = map[string][]any{
	"groups":     {[]any{"admin", "dev"}, []any{"dev"}, "admin", []any{}, []any{1, "dev"}, []any{[]any{"admin"}}, nil},
	"scope":      {"read write", "read", "", "  ", "write  admin", []any{"read", "write"}},
	"permission": {"read write", "admin"},
	"roles":      {"viewer editor", []any{"viewer"}, "editor"},
	"team":       {"payments", "Payments", "", 7, true, nil},
	"level":      {7, 1.5, -5, 1e15, "7"},
	"flag":       {true, false, "true"},
	"realm":      {map[string]any{"role": "admin", "roles": []any{"admin", "dev"}}, map[string]any{"deep": map[string]any{"x": "1"}}, "admin", []any{map[string]any{"role": "admin"}}},
	"a.b":        {"dotted", []any{"dotted"}},
	"azp":        {"web-client", []any{"web-client", "cli"}, "cli"},
}

var claimOrder = []string{"groups", "scope", "permission", "roles", "team", "level", "flag", "realm", "a.b", "azp"}

// mint writes the token, with its defect if it has one.
func (w *world) mint(t *token) string {
	w.note("token %s", t.defect)
	header, claims := t.header, t.claims
	switch t.defect {
	case "expired":
		claims["exp"] = past
	case "not yet":
		claims["nbf"] = future
	case "exp string":
		claims["exp"] = "9999999999"
	case "exp negative":
		claims["exp"] = -1
	case "exp zero":
		claims["exp"] = 0
	case "exp fraction":
		claims["exp"] = json.RawMessage("4100000000.75")
	case "exp huge":
		claims["exp"] = json.RawMessage("1e20")
	case "exp null":
		claims["exp"] = nil
	case "iat string":
		claims["iat"] = "now"
	case "no iss":
		delete(claims, "iss")
	case "iss number":
		claims["iss"] = 7
	case "iss slash":
		claims["iss"] = fmt.Sprint(claims["iss"]) + "/"
	case "iss other":
		claims["iss"] = "https://nobody.example"
	case "sub number":
		claims["sub"] = 5
	case "no sub":
		delete(claims, "sub")
	case "jti number":
		claims["jti"] = 1
	case "aud number":
		claims["aud"] = 5
	case "aud mixed":
		claims["aud"] = []any{"api", 5}
	case "aud other":
		claims["aud"] = "elsewhere"
	case "no aud":
		delete(claims, "aud")
	case "kid unknown":
		header["kid"] = "zzz"
	case "kid empty":
		header["kid"] = ""
	case "no kid":
		delete(header, "kid")
	case "kid number":
		header["kid"] = 5
	case "no alg":
		delete(header, "alg")
	case "alg number":
		header["alg"] = 256
	case "alg case":
		header["alg"] = str.ToLower(t.alg)
	case "alg none":
		header["alg"] = "none"
	case "alg other":
		header["alg"] = pick(w.dice, "RS512", "ES256", "HS256", "EdDSA", "PS256", "ES384")
	case "alg unknown":
		header["alg"] = "ES256K"
	case "crit":
		header["crit"] = []any{"x"}
		header["zip"] = "DEF"
	}
	headerText, claimsText := marshal(header), marshal(claims)
	switch t.defect {
	case "quotes":
		claimsText = str.ReplaceAll(claimsText, `"`, "'")
	case "bare names":
		claimsText = str.Replace(claimsText, `"sub":`, "sub:", 1)
	case "trailing comma":
		claimsText = str.TrimSuffix(claimsText, "}") + ",}"
	case "duplicate member":
		claimsText = str.TrimSuffix(claimsText, "}") + `,"sub":"twice"}`
	case "comment":
		claimsText = str.TrimSuffix(claimsText, "}") + "/* */}"
	case "text after":
		claimsText += " x"
	case "space around":
		claimsText = " \n" + claimsText + "\t "
	case "list payload":
		claimsText = "[" + claimsText + "]"
	case "leading zero":
		claimsText = str.TrimSuffix(claimsText, "}") + `,"n":01}`
	case "header quotes":
		headerText = str.ReplaceAll(headerText, `"`, "'")
	}
	left := b64([]byte(headerText)) + "." + b64([]byte(claimsText))
	switch t.defect {
	case "padded":
		for len(left)%4 != 0 && (len(left)-str.Index(left, ".")-1)%4 != 0 {
			left += "="
		}
	case "plus":
		left = "+" + left[1:]
	case "payload plus":
		left = left[:len(left)-1] + "/"
	}
	signature := w.signature(t, []byte(left))
	switch t.defect {
	case "bad signature":
		signature[len(signature)/2] ^= 1
	case "short signature":
		signature = signature[:len(signature)-1]
	case "long signature":
		signature = append(signature, 0)
	}
	right := b64(signature)
	switch t.defect {
	case "unsigned":
		right = ""
	case "signature plus":
		right = "+" + right[1:]
	case "empty piece":
		return str.Replace(left, ".", "..", 1) + "." + right
	case "dot in front":
		return "." + left + "." + right
	case "two pieces":
		return left
	case "five pieces":
		return left + "." + right + ".a.b"
	case "garbage":
		return pick(w.dice, "garbage", "a.b.c", "...", "abc")
	case "comma":
		return left + "." + right + ",x"
	}
	return left + "." + right
}

// signature signs as the header's algorithm asks if the key can, otherwise as the key can.
func (w *world) signature(t *token, input []byte) []byte {
	alg := t.alg
	if named, ok := t.header["alg"].(string); ok {
		for _, can := range t.key.algs {
			if can == named {
				alg = named
			}
		}
	}
	return t.key.sign(alg, input)
}

func marshal(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// defects, each close to a good token.
var defects = []string{
	"expired", "expired", "not yet", "exp string", "exp negative", "exp zero", "exp fraction", "exp huge", "exp null", "iat string",
	"no iss", "iss number", "iss slash", "iss other", "iss other", "sub number", "no sub", "no sub", "jti number",
	"aud number", "aud mixed", "aud other", "aud other", "no aud", "kid unknown", "kid empty", "no kid", "no kid", "kid number",
	"no alg", "alg number", "alg case", "alg none", "alg other", "alg other", "alg unknown", "crit",
	"quotes", "bare names", "trailing comma", "duplicate member", "comment", "text after", "space around", "list payload", "leading zero", "header quotes",
	"padded", "plus", "payload plus", "bad signature", "bad signature", "short signature", "long signature", "unsigned", "signature plus",
	"empty piece", "dot in front", "two pieces", "five pieces", "garbage", "comma", "wrong key", "wrong key",
}

// tokenFor makes a token that the rule accepts, with the claims a policy wants, or one that fails closely.
func (w *world) tokenFor(rule *jwtRule, want map[string]any, flawed bool) *token {
	claims := map[string]any{"iss": rule.issuer, "sub": pick(w.dice, subjects...), "exp": farFuture}
	if rule.issuer == "" {
		claims["iss"] = "https://anybody.example"
	}
	if w.chance(30) {
		claims["iat"], claims["nbf"] = farPast, farPast
	}
	if w.chance(15) {
		delete(claims, "exp")
	}
	if len(rule.audiences) > 0 {
		one := rule.audiences[w.IntN(len(rule.audiences))]
		claims["aud"] = one
		if w.chance(30) {
			claims["aud"] = []any{"x", one}
		}
		if w.chance(15) { // the same after normalization, or nearly
			claims["aud"] = pick(w.dice, "http://"+str.TrimPrefix(str.TrimPrefix(one, "https://"), "http://"), one+"/", one+"//", "HTTPS://"+one, str.TrimSuffix(one, "/"))
		}
	} else if w.chance(50) {
		claims["aud"] = pick[any](w.dice, "api", "web", []any{"api", "web"}, []any{})
	}
	for _, name := range claimOrder {
		if w.chance(18) {
			claims[name] = pick(w.dice, claimValues[name]...)
		}
	}
	for name, value := range want {
		claims[name] = value
	}
	t := &token{header: map[string]any{"typ": "JWT"}, claims: claims}
	chosen := jwk{key: allKeys()[0]}
	if len(rule.keys) > 0 {
		chosen = rule.keys[w.IntN(len(rule.keys))]
	}
	t.key, t.alg = chosen.key, chosen.key.algs[0]
	if w.chance(25) {
		t.alg = pick(w.dice, chosen.key.algs...)
	}
	if chosen.alg != "" && w.chance(85) {
		for _, can := range chosen.key.algs {
			if can == chosen.alg {
				t.alg = can
			}
		}
	}
	t.header["alg"] = t.alg
	if chosen.kid != "" && w.chance(85) {
		t.header["kid"] = chosen.kid
	}
	if flawed {
		t.defect = pick(w.dice, defects...)
		if t.defect == "wrong key" {
			t.key = allKeys()[w.IntN(len(allKeys()))]
			t.alg = t.key.algs[0]
			if w.chance(50) {
				t.header["alg"] = t.alg
			}
		}
	}
	return t
}
