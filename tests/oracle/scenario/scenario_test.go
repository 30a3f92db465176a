package scenario

import (
	"strings"
	"testing"
)

func TestShorthands(t *testing.T) {
	s, err := Parse([]byte(`{"from":"default/cart","to":"frontend.default:80","headers":{"a":"1","b":["2","3"]},"extAuthz":"allow","expect":"denied"}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.From.Workload != "default/cart" || s.To.Service != "frontend.default" || s.To.Port != 80 {
		t.Fatalf("%+v %+v", s.From, s.To)
	}
	if len(s.Headers["a"]) != 1 || len(s.Headers["b"]) != 2 || s.ExtAuthz.Answer("x") != "allow" || s.Expect.Verdict != "denied" {
		t.Fatalf("%+v", s)
	}
	s, err = Parse([]byte(`{"to":"ns/w","extAuthz":{"p":"deny"}}`))
	if err != nil || s.To.Workload != "ns/w" || s.To.Port != 0 || s.From != nil {
		t.Fatalf("%+v %v", s, err)
	}
	if s.ExtAuthz.Answer("p") != "deny" || s.ExtAuthz.Answer("q") != "undetermined" {
		t.Fatal("provider map")
	}
}

func TestUnknownKeysAreRefused(t *testing.T) {
	for _, line := range []string{`{"too":1}`, `{"to":{"prot":1}}`, `{"from":{"who":"x"},"to":"a.b"}`, `{"to":"a.b:http"}`} {
		if _, err := Parse([]byte(line)); err == nil {
			t.Errorf("%s was read", line)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	text := `{"name":"n","from":{"workload":"a/b","ip":"10.0.0.1"},"to":{"service":"s.a","port":80},"path":"/<&>","headers":{"x":["1","2"],"y":"3"},"extAuthz":{"p":"allow"},"jwks":{"u":"unreachable","v":{"keys":[]}}}`
	all, err := ParseLines([]byte(text + "\n\n"))
	if err != nil || len(all) != 1 {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(Lines(all))); got != text {
		t.Fatalf("\n%s\n%s", got, text)
	}
}

func TestDecisionToAnswer(t *testing.T) {
	d, err := ParseDecision([]byte(`{"name":"q","verdict":"denied","httpStatus":403,"body":"RBAC: access denied","decidedBy":{"kind":"AuthorizationPolicy","namespace":"x","name":"y","rule":0},"connection":{"sourcePrincipal":"p"}}`))
	if err != nil {
		t.Fatal(err)
	}
	a := d.Answer()
	if a.Policy != "x/y" || a.Rule == nil || *a.Rule != 0 || a.Principal != "p" || *a.HTTPStatus != 403 || a.Error != "" {
		t.Fatalf("%+v", a)
	}
	d, _ = ParseDecision([]byte(`{"error":{"line":3,"message":"no"}}`))
	if d.Answer().Error == "" {
		t.Fatal("an error line has an error")
	}
}
