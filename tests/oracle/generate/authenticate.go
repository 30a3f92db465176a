package generate

import (
	"encoding/json"
	"fmt"
	"strings"
)

// keySource is what a jwksUri or an issuer's discovery gives.
type keySource = json.RawMessage

var issuers = []string{"https://a.example", "https://a.example/", "https://b.example", "issuer-b", "admin@corp.example", "https://c.example/x/y"}

// authenticate writes RequestAuthentications.
func (w *world) authenticate() {
	w.jwks = map[string]keySource{}
	odds := map[string]float64{"jwt": 100, "authz": 35, "mtls": 10}[w.kind]
	if !w.chance(odds) {
		return
	}
	count := 1
	if w.kind == "jwt" {
		count = 1 + w.weighted(55, 30, 15)
	}
	total := 0
	for i := range count {
		target := w.workloads[0]
		for _, f := range w.flows {
			if f.protocol != "tcp" && w.chance(60) {
				target = f.workload
			}
		}
		namespace := target.namespace.name
		spec := Doc{}
		var labels Doc
		switch w.weighted(45, 40, 5, 4, 3) {
		case 1:
			labels = w.someLabels(target)
			spec["selector"] = Doc{"matchLabels": labels}
		case 2:
			spec["selector"] = Doc{"matchLabels": Doc{}}
		case 3:
			labels = Doc{"app": "nobody"}
			spec["selector"] = Doc{"matchLabels": labels}
		case 4:
			spec["targetRefs"] = w.targetRefs(target)
			w.note("RequestAuthentication with targetRefs")
		}
		if w.chance(20) {
			namespace = w.root
		}
		var rules List
		for range w.between(1, 2+w.weighted(70, 20, 10)) {
			if total++; total > 6 {
				break
			}
			rule, doc := w.jwtRule()
			rule.namespace, rule.labels = namespace, labels
			rule.dead = spec["targetRefs"] != nil
			w.rules = append(w.rules, rule)
			rules = append(rules, doc)
		}
		if w.chance(3) {
			rules = List{}
		}
		if rules != nil || w.chance(50) {
			spec["jwtRules"] = rules
			if rules == nil {
				delete(spec, "jwtRules")
			}
		}
		doc := object("security.istio.io/"+pick(w.dice, "v1", "v1beta1"), "RequestAuthentication", namespace, fmt.Sprintf("ra-%c%d", 'a'+w.IntN(3), i), spec)
		w.stamp(doc)
		w.add(doc)
	}
}

func (w *world) jwtRule() (*jwtRule, Doc) {
	rule := &jwtRule{issuer: pick(w.dice, issuers...)}
	if len(w.rules) > 0 && w.chance(15) {
		if again := w.rules[w.IntN(len(w.rules))].issuer; again != "" {
			rule.issuer = again
			w.note("issuer twice")
		}
	}
	doc := Doc{"issuer": rule.issuer}
	set := w.keySet(rule)
	switch {
	case w.chance(4): // keys behind a URI
		uri := fmt.Sprintf("https://keys%d.example/jwks", len(w.rules))
		doc["jwksUri"] = uri
		w.jwks[uri] = keySource(set)
		if w.chance(30) {
			w.jwks[uri] = keySource(`"unreachable"`)
		}
		if w.chance(25) { // a rule for every issuer
			rule.issuer = ""
			delete(doc, "issuer")
		}
	case w.chance(1): // nothing but the issuer: discovery, which finds nobody
		w.jwks[rule.issuer] = keySource(`"unreachable"`)
	default:
		doc["jwks"] = set
	}
	if w.chance(30) {
		rule.audiences = some(w.dice, w.between(1, 2), []string{"api", "web", "https://api/", "http://aud.example"})
		doc["audiences"] = texts(rule.audiences)
	}
	w.locations(rule, doc)
	if w.chance(30) {
		doc["forwardOriginalToken"] = w.chance(75)
	}
	if w.chance(15) {
		doc["outputPayloadToHeader"] = pick(w.dice, "x-payload", "X-Jwt-Payload", "x-a")
	}
	if w.chance(25) {
		var list List
		for range w.between(1, 2) {
			list = append(list, Doc{"header": pick(w.dice, "x-sub", "x-team", "x-claim", "x-a"), "claim": pick(w.dice, "sub", "team", "level", "flag", "groups", "realm.role", "realm", "scope", "iss")})
		}
		doc["outputClaimToHeaders"] = list
	}
	if w.chance(15) {
		doc["spaceDelimitedClaims"] = texts(some(w.dice, w.between(1, 2), []string{"roles", "team", "groups"}))
	}
	if w.chance(5) {
		doc["timeout"] = "5s"
	}
	return rule, doc
}

// keySet writes a JWKS and remembers its usable keys.
func (w *world) keySet(rule *jwtRule) string {
	var list []any
	for range 1 + w.weighted(60, 30, 10) {
		k := pick(w.dice, allKeys()...)
		item := jwk{key: k}
		entry := map[string]any{}
		for name, value := range k.public {
			entry[name] = value
		}
		if w.chance(65) {
			item.kid = pick(w.dice, "k1", "k2", k.label)
			entry["kid"] = item.kid
		}
		if w.chance(50) {
			item.alg = k.algs[0]
			if w.chance(20) {
				item.alg = pick(w.dice, k.algs...)
			}
			entry["alg"] = item.alg
		}
		if w.chance(15) {
			entry["use"] = pick(w.dice, "sig", "enc")
		}
		if k.kind == "EC" && (item.alg != "" || k.public["crv"] == "P-256") && w.flaw(40, "key without curve") {
			delete(entry, "crv")
		}
		rule.keys = append(rule.keys, item)
		list = append(list, entry)
	}
	if w.flaw(35, "key") { // an element Envoy skips
		junk := pick[any](w.dice, map[string]any{"kty": "XYZ", "kid": "k1"}, map[string]any{"kty": "RSA", "kid": "k1", "n": "AQAB"}, map[string]any{"kid": "k1"})
		if w.chance(50) {
			list = append([]any{junk}, list...)
		} else {
			list = append(list, junk)
		}
	}
	return marshal(map[string]any{"keys": list})
}

// locations decides where the rule looks for tokens.
func (w *world) locations(rule *jwtRule, doc Doc) {
	if w.chance(58) {
		return
	}
	switch w.weighted(50, 30, 20) {
	case 0:
		var list List
		for range 1 + w.weighted(75, 25) {
			place := location{name: pick(w.dice, "x-jwt", "X-Jwt-Assertion", "authorization", "x-a")}
			entry := Doc{"name": place.name}
			if w.chance(45) {
				place.prefix = pick(w.dice, "Bearer ", "Value ", "JWT=", "token:")
				entry["prefix"] = place.prefix
			}
			rule.headers = append(rule.headers, place)
			list = append(list, entry)
		}
		doc["fromHeaders"] = list
		if !w.chance(20) {
			return
		}
		fallthrough
	case 1:
		rule.params = some(w.dice, w.between(1, 2), []string{"token", "access_token", "t%20k", "jwt"})
		for i, name := range rule.params {
			rule.params[i] = strings.ReplaceAll(name, "%20", "_")
		}
		doc["fromParams"] = texts(rule.params)
		if !w.chance(20) {
			return
		}
		fallthrough
	default:
		rule.cookies = some(w.dice, w.between(1, 2), []string{"session", "jwt"})
		doc["fromCookies"] = texts(rule.cookies)
	}
}

// targetRefs point a policy at gateways and services; sidecars take no notice of them.
func (w *world) targetRefs(target *workload) List {
	return List{[]Doc{
		{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "gw"},
		{"group": "gateway.networking.k8s.io", "kind": "GatewayClass", "name": "istio-waypoint"},
		{"group": "", "kind": "Service", "name": target.name},
		{"group": "networking.istio.io", "kind": "ServiceEntry", "name": target.name},
	}[w.weighted(45, 15, 25, 15)]}
}
