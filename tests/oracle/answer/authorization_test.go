package answer

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"oracle/scenario"
)

// shortPolicy is a policy as the case file writes it: without the wrappers of source and operation.
type shortPolicy struct {
	NS       string            `json:"ns"`
	Sel      map[string]string `json:"sel"`
	Refs     []any             `json:"refs"`
	Dry      *string           `json:"dry"`
	Provider string            `json:"provider"`
	Action   string            `json:"action"`
	Rules    []map[string]any  `json:"rules"`
	selGiven bool
}

// shortRequest lists what differs from the default: GET / from bar/cli over mTLS.
type shortRequest struct {
	Peer    any                        `json:"peer"`
	SNI     string                     `json:"sni"`
	SIP     string                     `json:"sip"`
	Host    string                     `json:"host"`
	Method  string                     `json:"method"`
	Path    string                     `json:"path"`
	Headers map[string]scenario.Values `json:"headers"`
	JWT     any                        `json:"jwt"`
	TDs     []string                   `json:"tds"`
	Mode    string                     `json:"mode"`
	Norm    string                     `json:"norm"`
}

func TestAuthorizationCases(t *testing.T) {
	file, err := os.Open("testdata/authorization.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		cells := strings.Split(lines.Text(), "\t")
		t.Run(cells[0], func(t *testing.T) {
			t.Parallel()
			authorizationCase(t, cells[1], cells[2], cells[3])
		})
	}
}

func authorizationCase(t *testing.T, policies, request, want string) {
	t.Helper()
	var r shortRequest
	if err := yaml.Unmarshal([]byte(request), &r); err != nil {
		t.Fatal(err)
	}
	m := Mesh{Manifests: webMesh(&r) + longPolicies(t, policies)}
	s, foreign := longRequest(t, request, &r)
	if foreign {
		m.Features = map[string]string{"PILOT_SKIP_VALIDATE_TRUST_DOMAIN": "true"}
	}
	if claims, ok := r.JWT.(map[string]any); ok {
		issuer, _ := claims["iss"].(string)
		s.Token = keyA.token(claims)
		m.Manifests += requestAuthentication(issuer)
	} else if r.JWT == "bad" {
		s.Token = keyA.token(map[string]any{"iss": "i"}) + "x"
		m.Manifests += requestAuthentication("i")
	}
	asked := []scenario.Scenario{s}
	if want == "custom-dependent" {
		deny := s
		s.ExtAuthz, deny.ExtAuthz = &scenario.ExtAuthz{All: "allow"}, &scenario.ExtAuthz{All: "deny"}
		asked = []scenario.Scenario{s, deny}
	}
	got, err := Answer(t.Context(), m, asked)
	if err != nil {
		t.Fatal(err)
	}
	verdicts := got[0].Verdict
	if len(got) > 1 {
		verdicts += " or " + got[1].Verdict
	}
	wants := map[string]string{"rejected": "unauthenticated", "400": "bad-request", "custom-dependent": "allowed or denied"}
	if long, ok := wants[want]; ok {
		want = long
	}
	if verdicts != want {
		t.Errorf("want %s, got %s: %+v", want, verdicts, got)
	}
}

func longPolicies(t *testing.T, text string) string {
	t.Helper()
	var short []shortPolicy
	var raw []map[string]any
	if err := yaml.Unmarshal([]byte(text), &short); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(text), &raw); err != nil {
		t.Fatal(err)
	}
	out := ""
	for i, p := range short {
		_, p.selGiven = raw[i]["sel"]
		_, rulesGiven := raw[i]["rules"]
		out += "---\n" + string(must(yaml.Marshal(p.long(fmt.Sprintf("p%d", i), rulesGiven))))
	}
	return out
}

func (p *shortPolicy) long(name string, rulesGiven bool) map[string]any {
	spec := map[string]any{}
	if p.Action != "" {
		spec["action"] = p.Action
	}
	if p.Provider != "" {
		spec["provider"] = map[string]any{"name": p.Provider}
	}
	if p.selGiven {
		spec["selector"] = map[string]any{"matchLabels": p.Sel}
	}
	if p.Refs != nil {
		spec["targetRefs"] = p.Refs
	}
	if rulesGiven {
		rules := []any{}
		for _, rule := range p.Rules {
			if rule == nil {
				rules = append(rules, nil)
				continue
			}
			wrap(rule, "from", "source")
			wrap(rule, "to", "operation")
			rules = append(rules, rule)
		}
		spec["rules"] = rules
	}
	namespace := p.NS
	if namespace == "" {
		namespace = "foo"
	}
	meta := map[string]any{"name": name, "namespace": namespace}
	if p.Dry != nil {
		meta["annotations"] = map[string]any{"istio.io/dry-run": *p.Dry}
	}
	return map[string]any{"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": meta, "spec": spec}
}

func wrap(rule map[string]any, list, as string) {
	entries, _ := rule[list].([]any)
	for i, e := range entries {
		entries[i] = map[string]any{as: e}
	}
}

func longRequest(t *testing.T, text string, r *shortRequest) (s scenario.Scenario, foreign bool) {
	t.Helper()
	var given map[string]any
	if err := yaml.Unmarshal([]byte(text), &given); err != nil {
		t.Fatal(err)
	}
	no := false
	s = scenario.Scenario{
		From: &scenario.From{IP: "10.0.0.9", Sidecar: &no}, To: scenario.To{Workload: "foo/web", Port: 8080, IP: "10.0.1.1"},
		Protocol: "http", Method: r.Method, Path: r.Path, Host: "web.foo.svc.cluster.local", Headers: r.Headers,
	}
	if r.Host != "" {
		s.Host = r.Host
	}
	if r.SIP != "" {
		s.From.IP = r.SIP
	}
	if r.Mode == "tcp" {
		s.Protocol = "tcp"
	}
	peer, named := given["peer"]
	if named && peer == nil {
		return s, false
	}
	domains := append([]string{}, r.TDs...)
	if len(domains) == 0 {
		domains = []string{"cluster.local"}
	}
	switch p := peer.(type) {
	case nil:
		s.From.Principal = "spiffe://cluster.local/ns/bar/sa/cli"
	case string:
		s.From.Principal = p
	case []any:
		var all []string
		for _, one := range p {
			all = append(all, one.(string))
		}
		s.From.Principal = strings.Join(all, ",")
	}
	foreign = true
	for _, d := range domains {
		if strings.HasPrefix(s.From.Principal, "spiffe://"+d+"/") {
			foreign = false
		}
	}
	s.TLS = &scenario.TLS{Mode: "istio-mutual", SNI: r.SNI}
	return s, foreign
}
