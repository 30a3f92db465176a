package answer

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"oracle/scenario"
)

const (
	issA   = "https://a.example"
	issB   = "https://b.example"
	stray  = "Jwt issuer is not configured"
	form   = "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"
	old    = "Jwt is expired"
	forged = "Jwt verification fails"
	noKey  = "Jwks doesn't have key to match kid or alg from Jwt"
	aud    = "Audiences in Jwt are not allowed"
)

// jwtCase is a set of rules, a request, and either "pass" or the refusal as status and text.
type jwtCase struct {
	name    string
	rules   []string
	token   string
	headers map[string]scenario.Values
	path    string
	method  string
	proto   string
	jwks    map[string]json.RawMessage
	policy  string
	want    string
}

func ruleOf(issuer string, key signer, more ...string) string {
	return fmt.Sprintf("{issuer: %q, jwks: '%s'%s}", issuer, key.set(), extra(more))
}

func extra(more []string) string {
	text := ""
	for _, m := range more {
		text += ", " + m
	}
	return text
}

// claims is issuer A's usual payload with changes; a nil value removes the claim.
func claims(changes ...any) map[string]any {
	all := map[string]any{"iss": issA, "sub": "alice"}
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == nil {
			delete(all, changes[i].(string))
		} else {
			all[changes[i].(string)] = changes[i+1]
		}
	}
	return all
}

func jwtCases() []jwtCase {
	now := time.Now().Unix()
	ra1 := []string{ruleOf(issA, keyA)}
	ra0 := []string{ruleOf(issA, key0)}
	api := []string{ruleOf(issA, keyA, "audiences: [api]")}
	ra2 := []string{ruleOf(issA, keyA), ruleOf(issB, keyB)}
	ra2h := []string{ruleOf(issA, keyA, "fromHeaders: [{name: x-a}]"), ruleOf(issB, keyB, "fromHeaders: [{name: x-b}]")}
	xjwt := []string{ruleOf(issA, keyA, "fromHeaders: [{name: x-jwt}]")}
	remote := []string{fmt.Sprintf("{issuer: %q, jwksUri: 'https://keys.example/set'}", issA)}
	tokA, tokB := keyA.token(claims()), keyB.token(claims("iss", issB))
	tokC := keyA.token(claims("iss", "https://c.example"))
	oldA, oldB := keyA.token(claims("exp", now-600)), keyB.token(claims("iss", issB, "exp", now-600))
	head := func(alg, kid any) map[string]any {
		h := map[string]any{}
		if alg != nil {
			h["alg"] = alg
		}
		if kid != nil {
			h["kid"] = kid
		}
		return h
	}
	payload := string(must(json.Marshal(claims())))
	unsigned := b64([]byte(`{"alg":"none"}`)) + "." + b64([]byte(payload)) + "."
	header := func(pairs ...string) map[string]scenario.Values {
		all := map[string]scenario.Values{}
		for i := 0; i < len(pairs); i += 2 {
			all[pairs[i]] = append(all[pairs[i]], pairs[i+1])
		}
		return all
	}
	onlyAlice := policyFor(`{from: [{source: {requestPrincipals: ["https://a.example/alice"]}}]}`)
	anyone := policyFor(`{from: [{source: {requestPrincipals: ["*"]}}]}`)
	return []jwtCase{
		{name: "1", rules: ra1, want: "pass"},
		{name: "2", rules: ra1, token: tokA, want: "pass"},
		{name: "3", rules: []string{ruleOf(issA, keyA, "forwardOriginalToken: true")}, token: tokA, want: "pass"},
		{name: "4", rules: ra1, token: keyA.token(claims("exp", now-66)), want: "401 " + old},
		{name: "5", rules: ra1, token: keyA.token(claims("exp", now-45)), want: "pass"},
		{name: "6", rules: ra1, token: tokA, want: "pass"},
		{name: "7", rules: ra1, token: keyA.token(claims("exp", 0)), want: "pass"},
		{name: "8", rules: ra1, token: keyA.token(claims("exp", "9999999999")), want: "401 Jwt payload [exp] field is not an integer"},
		{name: "9", rules: ra1, token: keyA.token(claims("exp", -1)), want: "401 Jwt payload [exp] field is not a positive 64 bit integer"},
		{name: "10", rules: ra1, token: keyA.token(claims("nbf", now+75)), want: "401 Jwt not yet valid"},
		{name: "11", rules: ra1, token: keyA.token(claims("nbf", now+55)), want: "pass"},
		{name: "12", rules: ra1, token: keyA.token(claims("iat", now+86400)), want: "pass"},
		{name: "13", rules: ra1, token: tokC, want: "401 " + stray},
		{name: "14", rules: ra1, token: keyA.token(claims("iss", nil)), want: "401 " + stray},
		{name: "15", rules: ra1, token: keyA.token(claims("iss", 7)), want: "401 Jwt payload [iss] field is not a string"},
		{name: "16", rules: ra1, token: keyA.token(claims("iss", issA+"/")), want: "401 " + stray},
		{name: "17", rules: ra1, token: signer{kid: "k1", alg: "RS256", rsa: key0.rsa}.token(claims()), want: "401 " + forged},
		{name: "18", rules: ra1, token: keyA.sign(head("RS256", "zzz"), payload), want: "401 " + noKey},
		{name: "19", rules: ra1, token: keyA.sign(head("RS256", nil), payload), want: "pass"},
		{name: "20", rules: ra1, token: keyA.sign(head("RS256", ""), payload), want: "pass"},
		{name: "21", rules: ra1, token: keyA.sign(head("RS256", 5), payload), want: "401 Jwt header [kid] field is not a string"},
		{name: "22", rules: ra1, token: keyA.sign(head("RS512", "k1"), payload), want: "401 " + noKey},
		{name: "23", rules: ra0, token: key0.sign(head("RS512", "any"), payload), want: "pass"},
		{name: "24", rules: ra0, token: key0.sign(head("HS256", nil), payload), want: "401 " + forged},
		{name: "25", rules: ra1, token: keyA.sign(head("HS256", nil), payload), want: "401 " + noKey},
		{name: "26", rules: ra1, token: unsigned, want: "401 " + form},
		{name: "27", rules: ra1, token: unsigned + "x", want: "401 Jwt header [alg] is not supported"},
		{name: "28", rules: ra1, token: keyA.sign(head(nil, "k1"), payload), want: "401 Jwt header [alg] field is required and must be a string"},
		{name: "29", rules: ra1, token: "abc", want: "401 " + form},
		{name: "30", rules: ra1, headers: header("authorization", "Basic dXNlcg=="), want: "pass"},
		{name: "31", rules: ra1, headers: header("authorization", "bearer "+oldA), want: "pass"},
		{name: "32", rules: ra1, headers: header("authorization", "Bearer    "), want: "pass"},
		{name: "33", rules: ra1, headers: header("authorization", "X Bearer "+oldA), want: "401 " + old},
		{name: "34", rules: ra1, path: "/?access_token=" + tokA, policy: anyone, want: "pass"},
		{name: "36", rules: ra1, token: tokA, path: "/?access_token=" + tokA, want: "pass"},
		{name: "37", rules: ra1, token: tokA, path: "/?access_token=garbage", want: "401 " + form},
		{name: "38", rules: ra1, token: "garbage", path: "/?access_token=" + tokA, want: "401 " + form},
		{name: "39", rules: ra1, headers: header("authorization", "Bearer "+tokA, "authorization", "Bearer "+tokA), want: "401 " + form},
		{name: "40", rules: api, token: tokA, want: "403 " + aud},
		{name: "41", rules: api, token: keyA.token(claims("aud", []string{"x", "api"})), want: "pass"},
		{name: "42", rules: []string{ruleOf(issA, keyA, "audiences: ['https://api/']")}, token: keyA.token(claims("aud", "http://api")), want: "pass"},
		{name: "43", rules: api, token: keyA.token(claims("aud", "api//")), want: "403 " + aud},
		{name: "44", rules: api, token: keyA.token(claims("aud", "HTTPS://api")), want: "403 " + aud},
		{name: "45", rules: api, token: keyA.token(claims("aud", 5)), want: "401 Jwt payload [aud] field is not a string or string list"},
		{name: "46", rules: api, token: keyA.token(claims("aud", "web", "exp", now-600)), want: "401 " + old},
		{name: "47", rules: api, token: signer{kid: "k1", alg: "RS256", rsa: key0.rsa}.token(claims("aud", "web")), want: "403 " + aud},
		{name: "48", rules: xjwt, headers: header("x-jwt", tokA), policy: anyone, want: "pass"},
		{name: "49", rules: xjwt, token: oldA, want: "pass"},
		{name: "51", rules: xjwt, headers: header("x-jwt", ""), want: "401 " + form},
		{name: "52", rules: xjwt, headers: header("x-jwt", tokA, "x-jwt", "garbage"), want: "401 " + form},
		{name: "53", rules: []string{ruleOf(issA, keyA, "fromHeaders: [{name: x-jwt, prefix: 'Value '}]")}, headers: header("x-jwt", "Value "+tokA), policy: anyone, want: "pass"},
		{name: "54", rules: []string{ruleOf(issA, keyA, "fromHeaders: [{name: x-jwt, prefix: 'Value '}]")}, headers: header("x-jwt", tokA), want: "pass"},
		{name: "55", rules: []string{ruleOf(issA, keyA, "fromParams: [token]")}, path: "/?token=" + tokA, policy: anyone, want: "pass"},
		{name: "56", rules: []string{ruleOf(issA, keyA, "fromParams: [token]")}, path: "/?access_token=garbage", want: "pass"},
		{name: "57", rules: []string{ruleOf(issA, keyA, "fromParams: [t1, t2]")}, path: "/?t1=" + tokA + "&t2=" + oldA, want: "401 " + old},
		{name: "58", rules: []string{ruleOf(issA, keyA, "fromCookies: [s]")}, headers: header("cookie", "s="+tokA), policy: anyone, want: "pass"},
		{name: "59", rules: ra2, token: tokB, policy: anyone, want: "pass"},
		{name: "60", rules: ra2, token: tokC, want: "401 " + stray},
		{name: "61", rules: ra2, token: oldA, want: "401 " + old},
		{name: "62", rules: ra2, token: oldB, want: "401 " + old},
		{name: "63", rules: ra2, token: "garbage", want: "401 " + form},
		{name: "64", rules: ra2, token: tokA, path: "/?access_token=" + tokB, want: "pass"},
		{name: "66", rules: ra2, token: tokB, path: "/?access_token=" + tokA, want: "pass"},
		{name: "67", rules: ra2h, headers: header("x-a", tokA, "x-b", tokB), want: "pass"},
		{name: "68", rules: ra2h, headers: header("x-a", "garbage", "x-b", tokB), want: "pass"},
		{name: "69", rules: ra2h, headers: header("x-a", "garbage"), want: "401 " + form},
		{name: "70", rules: ra2h, headers: header("x-b", oldB), want: "401 " + old},
		{name: "71", rules: ra2h, headers: header("x-a", tokB), want: "401 " + stray},
		{name: "75", rules: remote, want: "pass"},
		{name: "76", rules: remote, token: tokA, want: "401 " + forged},
		{name: "76 served", rules: remote, token: tokA, jwks: map[string]json.RawMessage{"https://keys.example/set": json.RawMessage(keyA.set())}, want: "pass"},
		{name: "76 unreachable", rules: remote, token: tokB, jwks: map[string]json.RawMessage{"https://keys.example/set": json.RawMessage(`"unreachable"`)}, want: "401 " + stray},
		{name: "77", rules: remote, token: tokC, want: "401 " + stray},
		{name: "79", rules: []string{fmt.Sprintf(`{issuer: %q, jwks: '{"keys":[]}'}`, issA)}, want: "refused"},
		{name: "80", rules: []string{fmt.Sprintf(`{issuer: %q, jwks: '{"keys":[{"kty":"XYZ"},%s]}'}`, issA, keyA.jwk())}, token: tokA, want: "pass"},
		{name: "84", rules: ra1, token: keyA.sign(head("RS256", "k1"), `{"iss":"https://a.example","sub":"a","sub":"b"}`), want: "401 Jwt payload is an invalid JSON"},
		{name: "86", rules: []string{"{jwksUri: 'https://keys.example/set'}"}, token: keyA.token(claims("iss", "anything")), jwks: map[string]json.RawMessage{"https://keys.example/set": json.RawMessage(keyA.set())}, want: "pass"},
		{name: "90", rules: ra1, token: oldA, method: "OPTIONS", headers: header("origin", "http://o", "access-control-request-method", "GET"), want: "pass"},
		{name: "91", rules: ra1, token: oldA, method: "OPTIONS", headers: header("access-control-request-method", "GET"), want: "401 " + old},
		{name: "92", rules: ra1, token: oldA, proto: "grpc", want: "200 " + old},
		{name: "93", rules: api, token: tokA, proto: "grpc", want: "200 " + aud},
		{name: "94", rules: ra1, token: tokA, policy: onlyAlice, want: "pass"},
		{name: "95", rules: ra1, policy: onlyAlice, want: "denied 403 RBAC: access denied"},
		{name: "96", rules: ra1, token: signer{kid: "k1", alg: "RS256", rsa: key0.rsa}.token(claims()), policy: onlyAlice, want: "401 " + forged},
		{name: "97", rules: ra1, token: keyA.token(claims("sub", nil)), policy: anyone, want: "denied 403 RBAC: access denied"},
		{name: "100", rules: ra1, token: keyA.sign(head("RS256", "k1"), `{'iss':'https://a.example',}`), want: "pass"},
	}
}

func policyFor(rule string) string {
	return "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: ap, namespace: foo}\nspec: {rules: [" + rule + "]}\n"
}

func TestTokenCases(t *testing.T) {
	for _, c := range jwtCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			port := "http"
			if c.proto == "grpc" {
				port = "grpc"
			}
			mesh := namespaces + workload("foo", "web") + workload("bar", "cli") + service("web", "foo", "{name: "+port+", port: 80, targetPort: 8080}") +
				"---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: ra, namespace: foo}\nspec: {jwtRules: [" + strings.Join(c.rules, ", ") + "]}\n" + c.policy
			got, err := Answer(t.Context(), Mesh{Manifests: mesh}, []scenario.Scenario{{
				From: &scenario.From{Workload: "bar/cli"}, To: scenario.To{Service: "web.foo", Port: 80},
				Protocol: c.proto, Method: c.method, Path: c.path, Headers: c.headers, Token: c.token, JWKS: c.jwks,
			}})
			if err != nil {
				t.Fatal(err)
			}
			if text := tokenOutcome(got[0]); text != c.want {
				t.Errorf("want %q, got %q: %+v", c.want, text, got[0])
			}
		})
	}
}

func tokenOutcome(a scenario.Answer) string {
	switch {
	case strings.Contains(a.Error, "refuses the listener"):
		return "refused"
	case a.Error != "":
		return a.Error
	case a.Verdict == scenario.Allowed:
		return "pass"
	case a.Verdict == scenario.Unauthenticated:
		return fmt.Sprintf("%d %s", *a.HTTPStatus, a.Body)
	case a.HTTPStatus != nil:
		return fmt.Sprintf("%s %d %s", a.Verdict, *a.HTTPStatus, a.Body)
	}
	return a.Verdict
}
