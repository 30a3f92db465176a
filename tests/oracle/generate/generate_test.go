package generate

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"oracle/scenario"
)

const meshes = 500

func TestSameSeedSameMesh(t *testing.T) {
	for seed := range uint64(30) {
		a, b := Make(seed, Size{Requests: 30}), Make(seed, Size{Requests: 30})
		if a.Manifests != b.Manifests || string(scenario.Lines(a.Requests)) != string(scenario.Lines(b.Requests)) {
			t.Fatalf("seed %d made two different meshes", seed)
		}
	}
	if Make(1, Size{Requests: 5}).Manifests == Make(2, Size{Requests: 5}).Manifests {
		t.Fatal("two seeds made one mesh")
	}
}

// untext reads embedded YAML back, so that a parsed manifest can be compared with its tree.
func untext(t *testing.T, value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, item := range v {
			out[name] = untext(t, item)
		}
		return out
	case []any:
		out := []any{}
		for _, item := range v {
			out = append(out, untext(t, item))
		}
		return out
	case Text:
		return "text"
	case int:
		return float64(v)
	}
	return value
}

func TestYAMLSaysWhatTheTreesSay(t *testing.T) {
	for seed := range uint64(meshes) {
		m := Make(seed, Size{Requests: 1})
		parts := strings.Split(m.Manifests, "---\n")
		if len(parts) != len(m.Docs) {
			t.Fatalf("seed %d: %d documents, %d trees", seed, len(parts), len(m.Docs))
		}
		for i, part := range parts {
			var got map[string]any
			if err := yaml.UnmarshalStrict([]byte(part), &got); err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, part)
			}
			if got["kind"] == "ConfigMap" {
				var config any
				if err := yaml.Unmarshal([]byte(got["data"].(map[string]any)["mesh"].(string)), &config); err != nil {
					t.Fatalf("seed %d: mesh config: %v", seed, err)
				}
				got["data"].(map[string]any)["mesh"] = "text"
			}
			if want := untext(t, m.Docs[i]); !reflect.DeepEqual(any(got), want) {
				t.Fatalf("seed %d:\n%s\ngot  %v\nwant %v", seed, part, got, want)
			}
		}
	}
}

func TestScenariosAreReadBack(t *testing.T) {
	for seed := range uint64(50) {
		m := Make(seed, Size{Requests: 40})
		text := scenario.Lines(m.Requests)
		back, err := scenario.ParseLines(text)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if string(scenario.Lines(back)) != string(text) {
			t.Fatalf("seed %d: scenarios changed on the way", seed)
		}
		for _, s := range m.Requests {
			if s.Protocol != "tcp" && !strings.HasPrefix(s.Path, "/") && s.Path != "*" {
				t.Errorf("seed %d %s: path %q", seed, s.Name, s.Path)
			}
			for name, values := range s.Headers {
				for _, value := range values {
					if clean(value) != value {
						t.Errorf("seed %d %s: header %s: %q", seed, s.Name, name, value)
					}
				}
			}
			if len(s.Headers["x-forwarded-for"]) > 0 && s.RemoteIP != "" {
				t.Errorf("seed %d %s: two answers to who the client is", seed, s.Name)
			}
		}
	}
}

// templates that make Envoy stop must never come out.
func TestTemplatesKeepToTheGrammar(t *testing.T) {
	d := &world{dice: newDice(1, 2), notes: map[string]int{}}
	for range 20000 {
		value := d.pathValue()
		if !strings.Contains(value, "{*}") && !strings.Contains(value, "{**}") {
			continue
		}
		if !strings.HasPrefix(value, "/") || strings.Contains(value, "//") || strings.Count(value, "{**}") > 1 {
			t.Fatalf("%q", value)
		}
		if at := strings.Index(value, "{**}"); at >= 0 && strings.Contains(value[at+4:], "{") {
			t.Fatalf("%q has a glob after {**}", value)
		}
		for _, part := range strings.Split(value, "/") {
			if strings.ContainsAny(part, "{}") && part != "{*}" && part != "{**}" {
				t.Fatalf("%q", value)
			}
		}
	}
}

// spots lists what a tree holds: every path of keys, and the value where it is one of a few words.
func spots(kind, path string, value any, into map[string]int) {
	switch v := value.(type) {
	case map[string]any:
		for name, item := range v {
			spots(kind, path+"."+name, item, into)
		}
		return
	case []any:
		if len(v) == 0 {
			into[kind+path+"=[]"]++
		}
		for _, item := range v {
			spots(kind, path, item, into)
		}
		return
	case Text:
		spots(kind, path, v.Tree, into)
		return
	}
	into[kind+path]++
	into[kind+path+"="+fmt.Sprint(value)]++
}

func count(n int) (map[string]int, map[string]int) {
	all, notes := map[string]int{}, map[string]int{}
	for seed := range uint64(n) {
		m := Make(seed, Size{Requests: 40})
		for _, doc := range m.Docs {
			kind := doc["kind"].(string)
			all[kind]++
			spots(kind, "", doc["spec"], all)
			if kind == "ConfigMap" {
				spots(kind, "", doc["data"], all)
			}
			if meta := doc["metadata"].(Doc); kind != "ConfigMap" {
				spots(kind+".metadata", "", meta, all)
			}
		}
		for name, times := range m.Notes {
			notes[name] += times
		}
		for _, s := range m.Requests {
			if s.From == nil || *s.From == (scenario.From{IP: s.From.IP}) {
				notes["from outside"]++
			}
		}
	}
	return all, notes
}

// TestNothingIsNeverGenerated counts features over many seeds.
func TestNothingIsNeverGenerated(t *testing.T) {
	all, notes := count(meshes)
	var wanted []string
	want := func(format string, values ...string) {
		for _, v := range values {
			wanted = append(wanted, fmt.Sprintf(format, v))
		}
	}
	want("%s", "Namespace", "Deployment", "StatefulSet", "DaemonSet", "Service", "PeerAuthentication", "RequestAuthentication", "AuthorizationPolicy", "DestinationRule", "Sidecar", "ConfigMap", "Pod", "ReplicaSet", "Gateway")
	want("ConfigMap.mesh.%s", "trustDomain", "trustDomainAliases", "rootNamespace", "enableAutoMtls=false", "defaultConfig.gatewayTopology.numTrustedProxies",
		"extensionProviders.envoyExtAuthzGrpc.service", "extensionProviders.envoyExtAuthzHttp.service", "extensionProviders.envoyExtAuthzGrpc.failOpen=true",
		"pathNormalization.normalization=NONE", "pathNormalization.normalization=BASE", "pathNormalization.normalization=MERGE_SLASHES", "pathNormalization.normalization=DECODE_AND_MERGE_SLASHES")
	want("PeerAuthentication.mtls.mode=%s", modes...)
	want("PeerAuthentication.%s", "selector.matchLabels.app", "selector.matchLabels.tier", "portLevelMtls.8080.mode=STRICT", "portLevelMtls.9999.mode=DISABLE")
	want("PeerAuthentication.metadata.%s", "creationTimestamp", "namespace=istio-system")
	want("DestinationRule.%s", "host=*", "host=*.foo.svc.cluster.local", "subsets.trafficPolicy.tls.mode=DISABLE", "trafficPolicy.portLevelSettings.tls.mode=ISTIO_MUTUAL",
		"trafficPolicy.tls.mode=SIMPLE", "trafficPolicy.tls.mode=DISABLE", "trafficPolicy.tls.subjectAltNames", "trafficPolicy.tls.insecureSkipVerify=true", "exportTo=.", "workloadSelector.matchLabels.app")
	want("AuthorizationPolicy.action=%s", "ALLOW", "DENY", "AUDIT", "CUSTOM")
	for _, name := range []string{"principals", "namespaces", "serviceAccounts", "trustDomains", "ipBlocks", "remoteIpBlocks", "requestPrincipals"} {
		want("AuthorizationPolicy.rules.from.source.%s", name, "not"+strings.ToUpper(name[:1])+name[1:])
	}
	for _, name := range []string{"hosts", "methods", "paths", "ports"} {
		want("AuthorizationPolicy.rules.to.operation.%s", name, "not"+strings.ToUpper(name[:1])+name[1:])
	}
	want("AuthorizationPolicy.rules.when.key=%s", "source.ip", "remote.ip", "destination.port", "destination.ip", "connection.sni", "source.principal", "source.namespace",
		"source.serviceAccount", "source.trustDomain", "request.auth.principal", "request.auth.audiences", "request.auth.presenter", "request.headers[:authority]", "request.headers[:path]",
		"request.headers[x-team]", "request.auth.claims[groups]", "request.auth.claims[realm][role]", "request.auth.claims[a.b]", "experimental.envoy.filters.a.b[c]")
	want("AuthorizationPolicy.%s", "rules.when.notValues", "selector.matchLabels.app", "targetRefs.kind=Gateway", "provider.name=authz-grpc", "rules=[]")
	want("AuthorizationPolicy.metadata.annotations.istio.io/dry-run=%s", "true", "false")
	want("RequestAuthentication.jwtRules.%s", "issuer", "jwks", "jwksUri", "audiences", "fromHeaders.name", "fromHeaders.prefix", "fromParams", "fromCookies", "forwardOriginalToken=true",
		"outputPayloadToHeader", "outputClaimToHeaders.claim", "spaceDelimitedClaims")
	want("Service.%s", "clusterIP=None", "ports.targetPort", "ports.targetPort=main", "ports.appProtocol=kubernetes.io/h2c")
	for _, name := range wanted {
		if all[name] == 0 {
			t.Errorf("never generated in %d meshes: %s", meshes, name)
		}
	}
	rolled := []string{"protocol http", "protocol http2", "protocol grpc", "protocol tcp", "from outside", "template", "more than ten rules", "empty list", "undeclared port",
		"twin", "two tokens", "cookie token", "query token", "odd scheme", "header twice", "empty header", "preflight", "x-forwarded-for", "subset", "odd identity", "odd method", "nul in path",
		"inject label true", "inject label false", "two services on a workload", "workloads in the root namespace", "issuer twice", "host network", "inject annotation", "asterisk",
		"inadmissible no rules", "inadmissible dry-run", "inadmissible key", "inadmissible address", "inadmissible port", "inadmissible path", "inadmissible empty value", "inadmissible CUSTOM identity",
		"feature PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS", "feature PILOT_SKIP_VALIDATE_TRUST_DOMAIN"}
	for i := range 22 {
		rolled = append(rolled, fmt.Sprintf("move path %d", i))
	}
	for _, defect := range defects {
		rolled = append(rolled, "token "+defect)
	}
	for _, n := range namings {
		rolled = append(rolled, "port "+n.name+"/"+n.app)
	}
	for _, mode := range []string{"auto", "disable", "simple", "mutual", "istio-mutual"} {
		rolled = append(rolled, "tls "+mode)
	}
	for _, name := range rolled {
		if notes[name] == 0 {
			t.Errorf("never rolled in %d meshes: %s", meshes, name)
		}
	}
	if testing.Verbose() {
		var names []string
		for name := range notes {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			t.Logf("%5d %s", notes[name], name)
		}
	}
}

func BenchmarkMesh(b *testing.B) {
	for i := range b.N {
		Make(uint64(i), Size{Requests: 40})
	}
}
