// Package generate makes random meshes and random requests close to the boundaries of their
// policies. A mesh and its requests follow from the seed alone.
package generate

import (
	"fmt"
	str "strings"

	"oracle/scenario"
)

// Size bounds what one mesh holds.
type Size struct {
	Requests int    // requests per mesh
	Kind     string // all, authz, jwt, mtls: what the mesh is about
	Strict   bool   // nothing that admission would refuse
}

// Mesh is one case: manifests and the requests put to them.
type Mesh struct {
	Seed      uint64
	Kind      string
	Manifests string
	Docs      []Doc             // the same manifests as trees, for shrinking
	Features  map[string]string // istiod's feature flags
	Requests  []scenario.Scenario
	Notes     map[string]int // what was rolled, for coverage counts
}

// Generator makes one mesh after another.
type Generator struct {
	Size
	next uint64
}

// New starts at a seed; every mesh has its own, one higher than the last.
func New(seed uint64) *Generator {
	return &Generator{Size: Size{Requests: 40, Kind: "all"}, next: seed}
}

// Mesh makes the next mesh.
func (g *Generator) Mesh() Mesh {
	seed := g.next
	g.next++
	return Make(seed, g.Size)
}

// Make makes the mesh of one seed.
func Make(seed uint64, size Size) Mesh {
	d := newDice(seed, 0x6d657368)
	kind := size.Kind
	if kind == "" || kind == "all" {
		kind = []string{"authz", "jwt", "mtls"}[d.weighted(50, 30, 20)]
	}
	w := &world{dice: d, kind: kind, size: size, notes: map[string]int{}}
	w.lax = w.chance(10) && !size.Strict
	w.settle()
	w.secure()
	w.route()
	w.authenticate()
	w.authorize()
	w.flags()
	requests := w.ask()
	return Mesh{
		Seed: seed, Kind: kind, Manifests: YAML(w.docs), Docs: w.docs,
		Features: w.features, Requests: requests, Notes: w.notes,
	}
}

// world is a mesh in the making.
type world struct {
	dice
	kind  string
	size  Size
	docs  []Doc
	notes map[string]int

	features    map[string]string
	root        string
	trustDomain string
	aliases     []string
	namespaces  []*namespace
	workloads   []*workload
	services    []*service
	providers   []string // extension providers by name, defined or not
	callers     []*caller
	flows       []*flow
	rules       []*jwtRule
	policies    []*policy
	jwks        map[string]keySource
	normalize   string

	exportDefault string
	forced        string // the provider that the next policy names
	v6            bool
	aged          bool // objects carry creation timestamps
	lax           bool // objects that admission refuses may be among them: translation has an answer to those too
}

type namespace struct {
	name   string
	inject bool // whether the namespace injects by default
}

type workload struct {
	namespace *namespace
	name      string
	labels    map[string]string
	account   string
	ip        string
	ports     []containerPort
	sidecar   bool
	excluded  int // a port kept from the sidecar, or 0
}

type containerPort struct {
	name   string
	number int
}

type service struct {
	namespace *namespace
	name      string
	headless  bool
	ports     []servicePort
	workloads []*workload
}

type servicePort struct {
	name   string
	port   int
	target int    // the workload's port
	class  string // http, tcp, auto
}

// caller is who asks.
type caller struct {
	from      *scenario.From
	identity  string // without spiffe://, empty without a certificate
	namespace string
	account   string
	ip        string
	sidecar   bool
}

// flow is a caller, a way to connect, and a destination; many requests share one.
type flow struct {
	caller   *caller
	to       scenario.To
	workload *workload
	service  *service
	port     int // the workload's port
	class    string
	protocol string
	tls      *scenario.TLS
	weight   float64
	gateway  bool
	sni      string
	remoteIP string
}

func (w *world) note(format string, args ...any) {
	w.notes[fmt.Sprintf(format, args...)]++
}

// flaw is true in p of 100 cases of the few meshes that hold objects admission refuses.
func (w *world) flaw(p float64, what string) bool {
	if !w.lax || !w.chance(p) {
		return false
	}
	w.note("inadmissible %s", what)
	return true
}

// flags sets istiod feature flags where they could change an answer.
func (w *world) flags() {
	set := func(name, value string) {
		if w.features == nil {
			w.features = map[string]string{}
		}
		w.features[name] = value
		w.note("feature %s", name)
	}
	custom := map[string]bool{}
	for _, p := range w.policies {
		if p.action == "CUSTOM" {
			custom[p.provider] = true
		}
	}
	if len(custom) > 1 && w.chance(55) {
		set("PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS", "true")
	}
	foreign := false
	for _, c := range w.callers {
		foreign = foreign || c.identity != "" && !str.HasPrefix(c.identity, w.trustDomain+"/")
	}
	if foreign && w.chance(10) {
		set("PILOT_SKIP_VALIDATE_TRUST_DOMAIN", "true")
	}
	if w.chance(0.4) {
		set("ENABLE_ENHANCED_DESTINATIONRULE_MERGE", "false")
	}
	if w.chance(0.4) {
		set("ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY", "false")
	}
}

func (w *world) add(doc Doc) { w.docs = append(w.docs, doc) }

func object(api, kind, namespace, name string, spec any) Doc {
	doc := Doc{"apiVersion": api, "kind": kind, "metadata": Doc{"name": name}}
	if namespace != "" {
		doc["metadata"].(Doc)["namespace"] = namespace
	}
	if spec != nil {
		doc["spec"] = spec
	}
	return doc
}

func labelDoc(labels map[string]string) Doc {
	out := Doc{}
	for name, value := range labels {
		out[name] = value
	}
	return out
}

// stamp gives an object an age, in a mesh that was once in a cluster; some share a second, so that names decide.
func (w *world) stamp(doc Doc) {
	if w.aged {
		doc["metadata"].(Doc)["creationTimestamp"] = fmt.Sprintf("2026-01-01T00:00:%02dZ", w.between(0, 5))
	}
}
