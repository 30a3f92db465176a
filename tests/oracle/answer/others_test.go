package answer

import (
	"fmt"
	"testing"

	"oracle/scenario"
)

// stage is foo/web behind port 80 of the given name, with a policy per rule text.
func stage(port, action, rules string) string {
	return webMesh(&shortRequest{}) + portNamed(port) + fmt.Sprintf(
		"---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: foo}\nspec: {action: %s, rules: %s}\n", action, rules)
}

func portNamed(name string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: other, namespace: foo}\nspec: {selector: {app: web}, ports: [{name: %s, port: 80, targetPort: 9090}]}\n", name)
}

func ask(t *testing.T, m Mesh, s scenario.Scenario) scenario.Answer {
	t.Helper()
	s.From = &scenario.From{Workload: "bar/cli"}
	if s.To.Service == "" {
		s.To.Service = "other.foo"
	}
	got, err := Answer(t.Context(), m, []scenario.Scenario{s})
	if err != nil {
		t.Fatal(err)
	}
	return got[0]
}

func expect(t *testing.T, a scenario.Answer, verdict string, status int) {
	t.Helper()
	got := 0
	if a.HTTPStatus != nil {
		got = *a.HTTPStatus
	}
	if a.Verdict != verdict || got != status {
		t.Errorf("want %s %d, got %+v", verdict, status, a)
	}
}

func TestGRPCDenialIsHTTP200(t *testing.T) {
	a := ask(t, Mesh{Manifests: stage("grpc", "ALLOW", "[]")}, scenario.Scenario{Protocol: "grpc", Path: "/a.B/C"})
	expect(t, a, scenario.Denied, 200)
	if a.Body != "RBAC: access denied" {
		t.Errorf("message %q", a.Body)
	}
}

func TestFirstRuleInNameOrderIsReported(t *testing.T) {
	rules := "["
	for i := range 11 {
		path := "/other"
		if i == 2 || i == 10 {
			path = "/a"
		}
		rules += fmt.Sprintf("{to: [{operation: {paths: [%s]}}]},", path)
	}
	a := ask(t, Mesh{Manifests: stage("http", "DENY", rules+"]")}, scenario.Scenario{Path: "/a"})
	if a.Policy != "foo/p" || a.Rule == nil || *a.Rule != 10 {
		t.Errorf("want rule 10 of foo/p, got %+v", a)
	}
}

func TestPreflightIsNotExempt(t *testing.T) {
	a := ask(t, Mesh{Manifests: stage("http", "ALLOW", "[{to: [{operation: {methods: [GET]}}]}]")}, scenario.Scenario{
		Method: "OPTIONS", Headers: map[string]scenario.Values{"origin": {"http://o"}, "access-control-request-method": {"GET"}},
	})
	expect(t, a, scenario.Denied, 403)
}

func TestPortNamedHTTPSIsTCP(t *testing.T) {
	a := ask(t, Mesh{Manifests: stage("https", "ALLOW", "[{to: [{operation: {methods: [GET]}}]}]")}, scenario.Scenario{Protocol: "http"})
	expect(t, a, scenario.Denied, 0)
}

func TestPortsAreTheWorkloads(t *testing.T) {
	for port, verdict := range map[string]string{"80": scenario.Denied, "9090": scenario.Allowed} {
		a := ask(t, Mesh{Manifests: stage("http", "ALLOW", fmt.Sprintf("[{to: [{operation: {ports: [%q]}}]}]", port))}, scenario.Scenario{})
		if a.Verdict != verdict {
			t.Errorf("ports %s: want %s, got %+v", port, verdict, a)
		}
	}
}

func TestProvidersOnTCP(t *testing.T) {
	rules := "[{}], provider: {name: authz-grpc}"
	for word, verdict := range map[string]string{"allow": scenario.Allowed, "deny": scenario.Denied, "error": scenario.Denied} {
		a := ask(t, Mesh{Manifests: stage("tcp", "CUSTOM", rules)}, scenario.Scenario{Protocol: "tcp", ExtAuthz: &scenario.ExtAuthz{All: word}})
		if a.Verdict != verdict {
			t.Errorf("%s: want %s, got %+v", word, verdict, a)
		}
	}
}

func TestSeveralProvidersEachAnswer(t *testing.T) {
	second := "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: q, namespace: foo}\nspec: {action: CUSTOM, rules: [{}], provider: {name: authz-http}}\n"
	mesh := Mesh{Manifests: stage("http", "CUSTOM", "[{}], provider: {name: authz-grpc}") + second}
	words := func(grpc, http string) scenario.Scenario {
		return scenario.Scenario{ExtAuthz: &scenario.ExtAuthz{Provider: map[string]string{"authz-grpc": grpc, "authz-http": http}}}
	}
	expect(t, ask(t, mesh, words("allow", "allow")), scenario.Denied, 403)
	mesh.Features = map[string]string{"PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS": "true"}
	expect(t, ask(t, mesh, words("allow", "allow")), scenario.Allowed, 200)
	expect(t, ask(t, mesh, words("allow", "deny")), scenario.Denied, 403)
	expect(t, ask(t, mesh, words("error", "allow")), scenario.Denied, 403)
}

func TestTemplateWithoutLeadingSlashEndsEnvoy(t *testing.T) {
	a := ask(t, Mesh{Manifests: stage("http", "ALLOW", `[{to: [{operation: {paths: ["a/{*}"]}}]}]`)}, scenario.Scenario{})
	if a.Error == "" || a.Verdict == scenario.Allowed {
		t.Errorf("want an error, got %+v", a)
	}
}
