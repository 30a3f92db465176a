package answer

import (
	"fmt"
	"testing"

	"oracle/scenario"
)

// mtlsCase is one row: what is applied to the stage of foo/web, who calls, and how it ends.
type mtlsCase struct {
	name     string
	apply    string
	mesh     string // MeshConfig
	port     string // name of the service port; "http" by default
	pod      string // more pod metadata of foo/web
	headless bool
	features map[string]string
	from     scenario.From
	to       scenario.To
	tls      string
	want     string
}

const (
	mutualOK  = "allowed istio-mutual P"
	plainOK   = "allowed plaintext"
	refused   = "mtls-required plaintext"
	breaks    = "connection-failed"
	wantsCert = "mtls-required simple"
)

var (
	sidecar = scenario.From{Workload: "bar/cli"}
	bare    = scenario.From{Workload: "plain/old"}
)

// pa is a PeerAuthentication: level mesh, ns or wl, a mode, and more fields of the spec.
func pa(level, mode string, more ...string) string {
	name, namespace, selector, rest := level, "foo", "", ""
	switch level {
	case "mesh":
		namespace = "istio-system"
	case "wl":
		selector = "selector: {matchLabels: {app: web}}, "
	}
	for _, m := range more {
		rest += ", " + m
	}
	return named(name, namespace, "", selector+"mtls: {mode: "+mode+"}"+rest)
}

func named(name, namespace, born, spec string) string {
	if born != "" {
		born = ", creationTimestamp: " + born
	}
	return fmt.Sprintf("---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: %s, namespace: %s%s}\nspec: {%s}\n",
		name, namespace, born, spec)
}

func dr(name, namespace, spec string) string {
	return drBorn(name, namespace, "2026-01-01T00:00:00Z", spec)
}

func drBorn(name, namespace, born, spec string) string {
	return fmt.Sprintf("---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: %s, namespace: %s, creationTimestamp: %s}\nspec: {%s}\n",
		name, namespace, born, spec)
}

func clientTLS(mode string) string {
	return dr("d", "foo", "host: web, trafficPolicy: {tls: {mode: "+mode+"}}")
}

const (
	early = "2026-01-01T00:00:00Z"
	late  = "2026-01-02T00:00:00Z"
	web   = "selector: {matchLabels: {app: web}}, "
	excl  = `, annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "8080"}`
	never = `, annotations: {sidecar.istio.io/inject: "false"}`
	fqdn  = "web.foo.svc.cluster.local"
)

var mtlsCases = []mtlsCase{
	{name: "1", from: sidecar, want: mutualOK},
	{name: "2", from: bare, want: plainOK},
	{name: "3", apply: pa("mesh", "STRICT"), from: sidecar, want: mutualOK},
	{name: "4", apply: pa("mesh", "STRICT"), from: bare, want: refused},
	{name: "5", apply: pa("mesh", "STRICT"), from: bare, tls: "simple", want: wantsCert},
	{name: "6", apply: pa("mesh", "STRICT") + pa("ns", "PERMISSIVE"), from: bare, want: plainOK},
	{name: "7", apply: pa("mesh", "STRICT") + pa("ns", "UNSET"), from: bare, want: refused},
	{name: "8", apply: pa("mesh", "UNSET"), from: bare, want: plainOK},
	{name: "9", apply: pa("ns", "STRICT") + pa("wl", "DISABLE"), from: sidecar, want: plainOK},
	{name: "10", apply: pa("ns", "STRICT") + pa("wl", "UNSET", "portLevelMtls: {8080: {mode: PERMISSIVE}}"), from: bare, want: plainOK},
	{name: "11", apply: pa("ns", "STRICT") + pa("wl", "UNSET", "portLevelMtls: {80: {mode: PERMISSIVE}}"), from: bare, want: refused},
	{name: "12", apply: pa("ns", "PERMISSIVE") + pa("wl", "UNSET", "portLevelMtls: {8080: {mode: STRICT}}"), from: bare, want: refused},
	{name: "13", apply: pa("wl", "STRICT", "portLevelMtls: {8080: {mode: UNSET}}"), from: bare, want: refused},
	{name: "14", apply: named("b", "foo", early, web+"mtls: {mode: UNSET}") + named("a", "foo", late, web+"mtls: {mode: STRICT}"), from: bare, want: plainOK},
	{name: "15", apply: named("b", "foo", early, web+"mtls: {mode: STRICT}") + named("a", "foo", late, web+"mtls: {mode: DISABLE}"), from: bare, want: refused},
	{name: "16", apply: named("b", "foo", early, web+"mtls: {mode: DISABLE}") + named("a", "foo", early, web+"mtls: {mode: STRICT}"), from: bare, want: refused},
	{name: "17", apply: named("r", "istio-system", "", web+"mtls: {mode: STRICT}"), from: bare, want: plainOK},
	{name: "18", apply: pa("ns", "DISABLE") + pa("wl", "STRICT"), from: sidecar, want: refused},
	{name: "19", apply: pa("ns", "DISABLE") + pa("wl", "STRICT") + clientTLS("ISTIO_MUTUAL"), from: sidecar, want: mutualOK},
	{name: "20", apply: pa("mesh", "STRICT"), mesh: "enableAutoMtls: false", from: sidecar, want: refused},
	{name: "21", apply: pa("mesh", "PERMISSIVE"), mesh: "enableAutoMtls: false", from: sidecar, want: plainOK},
	{name: "22", apply: pa("mesh", "STRICT") + clientTLS("DISABLE"), from: sidecar, want: refused},
	{name: "23", apply: pa("mesh", "PERMISSIVE") + clientTLS("DISABLE"), from: sidecar, want: plainOK},
	{name: "24", apply: pa("mesh", "DISABLE") + clientTLS("ISTIO_MUTUAL"), from: sidecar, want: breaks + " istio-mutual"},
	{name: "25", apply: pa("mesh", "DISABLE"), from: sidecar, want: plainOK},
	{name: "26", apply: pa("mesh", "STRICT") + clientTLS("SIMPLE"), from: sidecar, want: wantsCert},
	{name: "27", apply: pa("mesh", "PERMISSIVE") + clientTLS("SIMPLE"), from: sidecar, want: breaks + " simple"},
	{name: "28", apply: pa("mesh", "DISABLE") + clientTLS("SIMPLE"), from: sidecar, want: breaks + " simple"},
	{name: "29", apply: pa("mesh", "PERMISSIVE") + clientTLS("SIMPLE"), port: "any", from: sidecar, to: scenario.To{App: &scenario.App{TLS: true}}, want: "allowed simple"},
	{name: "30", apply: pa("mesh", "PERMISSIVE"), from: bare, tls: "simple", want: breaks + " simple"},
	{name: "31 tls app", apply: pa("mesh", "PERMISSIVE"), port: "tcp", from: bare, tls: "simple", to: scenario.To{App: &scenario.App{TLS: true}}, want: "allowed simple"},
	{name: "31 plain app", apply: pa("mesh", "PERMISSIVE"), port: "tcp", from: bare, tls: "simple", want: breaks + " simple"},
	{name: "32", apply: pa("mesh", "DISABLE"), from: bare, tls: "simple", want: breaks + " simple"},
	{name: "33", apply: pa("mesh", "STRICT"), pod: never, from: sidecar, want: plainOK},
	{name: "34", pod: never, apply: clientTLS("ISTIO_MUTUAL"), from: sidecar, want: breaks + " istio-mutual"},
	{name: "35 injected", apply: pa("mesh", "STRICT") + second(never), from: sidecar, want: mutualOK},
	{name: "35 other", apply: pa("mesh", "STRICT") + second(never), from: sidecar, to: scenario.To{Workload: "foo/web2"}, want: plainOK},
	{name: "36", apply: pa("mesh", "STRICT") + second(never), headless: true, from: sidecar, want: refused},
	{name: "37", apply: pa("wl", "DISABLE"), headless: true, from: sidecar, want: breaks + " istio-mutual"},
	{name: "38", apply: pa("ns", "DISABLE"), headless: true, from: sidecar, want: plainOK},
	{name: "39", apply: pa("mesh", "STRICT") + dr("l", "bar", "host: "+fqdn+", trafficPolicy: {loadBalancer: {simple: RANDOM}}") + dr("r", "istio-system", "host: '*', trafficPolicy: {tls: {mode: DISABLE}}"), from: sidecar, want: mutualOK},
	{name: "40", apply: pa("mesh", "STRICT") + dr("r", "istio-system", "host: '*', trafficPolicy: {tls: {mode: DISABLE}}"), from: sidecar, want: refused},
	{name: "41", apply: pa("mesh", "STRICT") + dr("d", "foo", "host: web, exportTo: [.], trafficPolicy: {tls: {mode: DISABLE}}"), from: sidecar, want: mutualOK},
	{name: "42", apply: pa("mesh", "STRICT") + dr("d", "foo", "host: web, exportTo: [.], trafficPolicy: {tls: {mode: DISABLE}}"), from: scenario.From{Workload: "foo/cli"}, want: refused},
	{name: "43", apply: pa("mesh", "STRICT") + clientTLS("ISTIO_MUTUAL") + dr("e", "bar", "host: "+fqdn+", trafficPolicy: {tls: {mode: DISABLE}}"), from: sidecar, want: refused},
	{name: "44", apply: pa("mesh", "STRICT") + dr("d", "foo", "host: '*.foo.svc.cluster.local', trafficPolicy: {tls: {mode: DISABLE}}") + dr("e", "foo", "host: "+fqdn+", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"), from: sidecar, want: mutualOK},
	{name: "45", apply: pa("mesh", "STRICT") + drBorn("b", "foo", early, "host: web, trafficPolicy: {tls: {mode: DISABLE}}") + drBorn("a", "foo", late, "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"), from: sidecar, want: refused},
	{name: "46", apply: pa("mesh", "STRICT") + dr("d", "foo", "host: web, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 80}, tls: {mode: ISTIO_MUTUAL}}]}"), from: sidecar, want: mutualOK},
	{name: "47", apply: pa("mesh", "STRICT") + dr("d", "foo", "host: web, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 8080}, tls: {mode: ISTIO_MUTUAL}}]}"), from: sidecar, want: refused},
	{name: "48", apply: pa("mesh", "STRICT") + dr("d", "foo", "host: web, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}"), from: sidecar, want: refused},
	{name: "49", apply: pa("mesh", "STRICT") + dr("d", "foo", "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}, subsets: [{name: v1, labels: {app: web}, trafficPolicy: {tls: {mode: DISABLE}}}]"), from: sidecar, to: scenario.To{Subset: "v1"}, want: refused},
	{name: "50", apply: pa("mesh", "STRICT") + dr("d", "foo", "host: web, trafficPolicy: {tls: {mode: DISABLE}}, subsets: [{name: v1, labels: {app: web}}]"), from: sidecar, to: scenario.To{Subset: "v1"}, want: refused},
	{name: "51", apply: pa("mesh", "STRICT") + dr("d", "bar", "host: web, trafficPolicy: {tls: {mode: DISABLE}}"), from: sidecar, want: mutualOK},
	{name: "52", apply: pa("mesh", "STRICT") + dr("d", "foo", "host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: ['spiffe://cluster.local/ns/foo/sa/other']}}"), from: sidecar, want: breaks + " istio-mutual mismatch"},
	{name: "53", apply: pa("mesh", "STRICT"), mesh: "{trustDomain: td2, trustDomainAliases: [td1]}", from: scenario.From{Principal: "td1/ns/bar/sa/cli"}, want: mutualOK},
	{name: "54", apply: pa("mesh", "STRICT"), mesh: "trustDomain: td2", from: scenario.From{Principal: "td1/ns/bar/sa/cli"}, want: breaks + " istio-mutual"},
	{name: "55", apply: pa("mesh", "STRICT"), mesh: "trustDomain: td2", features: map[string]string{"PILOT_SKIP_VALIDATE_TRUST_DOMAIN": "true"}, from: scenario.From{Principal: "td1/ns/bar/sa/cli"}, want: mutualOK},
	{name: "56", apply: pa("mesh", "STRICT"), pod: excl, from: bare, want: plainOK},
	{name: "57", apply: pa("mesh", "STRICT"), pod: excl, from: sidecar, want: breaks + " istio-mutual"},
	{name: "58", apply: pa("mesh", "STRICT"), from: sidecar, to: scenario.To{Workload: "foo/web", Port: 8080}, want: refused},
	{name: "59", apply: pa("mesh", "STRICT"), from: bare, to: scenario.To{Workload: "foo/web", Port: 9999}, want: refused},
	{name: "60", apply: pa("wl", "STRICT", "portLevelMtls: {9999: {mode: DISABLE}}"), from: bare, to: scenario.To{Workload: "foo/web", Port: 9999}, want: plainOK},
	{name: "78", apply: pa("ns", "STRICT") + ingress, from: bare, to: scenario.To{Service: "ingress.foo", Port: 80}, want: plainOK},
	{name: "79 as c", apply: pa("mesh", "STRICT") + onlyCli, from: sidecar, want: mutualOK},
	{name: "79 as d", apply: pa("mesh", "STRICT") + onlyCli, from: scenario.From{Workload: "bar/other"}, want: "denied istio-mutual P"},
	{name: "80", apply: pa("mesh", "PERMISSIVE") + onlyCli, from: bare, want: "denied plaintext"},
	{name: "81", apply: pa("mesh", "STRICT") + onlyCli, from: bare, want: refused},
}

const onlyCli = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: only-cli, namespace: foo}
spec: {rules: [{from: [{source: {principals: [cluster.local/ns/bar/sa/cli]}}]}]}
`

const ingress = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: foo}
spec: {selector: {matchLabels: {istio: ingressgateway}}, template: {metadata: {labels: {app: ingress, istio: ingressgateway}}, spec: {containers: [{name: istio-proxy, image: auto}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: foo}
spec: {selector: {istio: ingressgateway}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: foo}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
`

// second is another workload behind the service.
func second(pod string) string {
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web2, namespace: foo}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}%s}, spec: {serviceAccountName: web2, containers: [{name: c, image: x}]}}}
`, pod)
}

func TestMutualTLSCases(t *testing.T) {
	for _, c := range mtlsCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Answer(t.Context(), Mesh{Manifests: c.manifests(), Features: c.features}, []scenario.Scenario{c.scenario()})
			if err != nil {
				t.Fatal(err)
			}
			a := got[0]
			text := a.Verdict + " " + a.ClientTLS
			if a.Principal != "" {
				text += " P"
			}
			if a.SecureNaming == "mismatch" {
				text += " mismatch"
			}
			if text != c.want {
				t.Errorf("want %q, got %q: %+v", c.want, text, a)
			}
		})
	}
}

func (c mtlsCase) manifests() string {
	port := c.port
	if port == "" {
		port = "http"
	}
	all := namespaces + workload("foo", "web", c.pod) + workload("foo", "cli") + workload("bar", "cli") + workload("bar", "other") + workload("plain", "old")
	if c.headless {
		all += fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: foo}\nspec: {clusterIP: None, selector: {app: web}, ports: [{name: %s, port: 80, targetPort: 8080}]}\n", port)
	} else {
		all += service("web", "foo", fmt.Sprintf("{name: %s, port: 80, targetPort: 8080}", port))
	}
	if c.mesh != "" {
		all += fmt.Sprintf("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: %q}\n", c.mesh)
	}
	return all + c.apply
}

func (c mtlsCase) scenario() scenario.Scenario {
	from := c.from
	s := scenario.Scenario{From: &from, To: c.to, Protocol: "http"}
	if c.to.Port == 0 {
		s.To.Service, s.To.Port = "web.foo", 80
	}
	if c.port == "tcp" {
		s.Protocol = "tcp"
	}
	if c.tls != "" {
		s.TLS = &scenario.TLS{Mode: c.tls}
	}
	return s
}
