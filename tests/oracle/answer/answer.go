// Package answer puts scenarios to the real thing: istiod's translation of the manifests, run by the real Envoy.
package answer

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"

	"oracle/envoy"
	"oracle/istiod"
	"oracle/scenario"
)

// Mesh is the world the scenarios are asked in.
type Mesh struct {
	Manifests string            `json:"manifests"`          // multi-document YAML; MeshConfig as ConfigMap istio-system/istio, key mesh
	Features  map[string]string `json:"features,omitempty"` // istiod's environment
}

// authorities are the mesh's root and one that nobody in the mesh trusts.
var authorities = sync.OnceValues(func() ([2]*envoy.Authority, error) {
	mesh, err := envoy.NewAuthority("mesh root")
	if err != nil {
		return [2]*envoy.Authority{}, err
	}
	foreign, err := envoy.NewAuthority("foreign root")
	return [2]*envoy.Authority{mesh, foreign}, err
})

// Answer gives one answer per request, in order. It may be called again and from several goroutines.
func Answer(ctx context.Context, mesh Mesh, requests []scenario.Scenario) ([]scenario.Answer, error) {
	if len(mesh.Features) > 0 {
		return inChild(ctx, mesh, requests)
	}
	inv, err := istiod.Read(mesh.Manifests)
	if err != nil {
		return nil, err
	}
	cas, err := authorities()
	if err != nil {
		return nil, err
	}
	application, err := cas[1].Issue(envoy.AppName)
	if err != nil {
		return nil, err
	}
	proxy, err := envoy.New(application)
	if err != nil {
		return nil, err
	}
	defer proxy.Close()
	w := &world{inv: inv, mesh: cas[0], foreign: cas[1], proxy: proxy, listeners: map[string]*placed{}}
	plans := make([]*plan, len(requests))
	err = istiod.Run(inv, func(server *istiod.Server) error {
		w.server = server
		for i := range requests {
			plans[i] = w.plan(&requests[i])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := w.start(ctx); err != nil {
		return nil, err
	}
	(&runner{ctx: ctx, proxy: proxy}).all(plans)
	answers := make([]scenario.Answer, len(plans))
	for i, p := range plans {
		answers[i] = p.answer
		answers[i].Name = requests[i].Name
	}
	return answers, nil
}

// world is one mesh being asked.
type world struct {
	inv       *istiod.Inventory
	server    *istiod.Server
	mesh      *envoy.Authority
	foreign   *envoy.Authority
	proxy     *envoy.Proxy
	listeners map[string]*placed
	order     []*listenerv3.Listener
}

// placed is a listener that Envoy will run, or the reason why not.
type placed struct {
	socket string
	router bool
	err    error
}

// listener builds the inbound listener of a workload, once per set of keys that its rules could fetch.
func (w *world) listener(to *istiod.Workload, port int, s *scenario.Scenario) *placed {
	key := to.Namespace + "/" + to.Name
	if to.Router || to.Annotations["sidecar.istio.io/interceptionMode"] == "NONE" {
		key = fmt.Sprintf("%s:%d", key, port)
	}
	if known, ok := w.listeners[key]; ok && !known.usesKeys() {
		return known
	}
	keys, err := json.Marshal(s.JWKS)
	if err != nil {
		return &placed{err: err}
	}
	keyed := key + string(keys)
	if known, ok := w.listeners[keyed]; ok {
		return known
	}
	made, fetches := w.build(to, port, s)
	if fetches {
		w.listeners[key] = &placed{err: errFetches}
		w.listeners[keyed] = made
	} else {
		w.listeners[key] = made
	}
	return made
}

var errFetches = fmt.Errorf("depends on the key sets of the scenario")

func (p *placed) usesKeys() bool { return p.err == errFetches }

func (w *world) build(to *istiod.Workload, port int, s *scenario.Scenario) (made *placed, fetches bool) {
	proxy, err := w.server.Proxy(to)
	if err != nil {
		return &placed{err: err}, false
	}
	inbound := proxy.Inbound(port)
	if inbound == nil {
		return &placed{err: errNoListener}, false
	}
	identity, err := w.mesh.Issue(w.principal(to.Namespace, to.ServiceAccount))
	if err != nil {
		return &placed{err: err}, false
	}
	number := len(w.order)
	static := envoy.Static{
		Name: fmt.Sprintf("listener-%d", number), Socket: w.proxy.Socket(number), Journal: w.proxy.Journal(),
		Server: identity, Root: w.mesh.PEM, Authz: w.proxy.Authz,
		Keys: func(inline string) string {
			source, stands := istiod.KeySourceOf(inline)
			if !stands {
				return inline
			}
			fetches = true
			text, problem := keysOf(s, source)
			if problem != nil {
				err = problem
			}
			return text
		},
	}
	l, buildErr := static.Build(inbound)
	if buildErr != nil {
		err = buildErr
	}
	if err != nil {
		return &placed{err: err}, fetches
	}
	w.order = append(w.order, l)
	return &placed{socket: static.Socket, router: to.Router}, fetches
}

// start runs Envoy when any listener is needed and marks those it refused.
func (w *world) start(ctx context.Context) error {
	if len(w.order) == 0 {
		return nil
	}
	refused, err := w.proxy.Start(ctx, w.order)
	if ctx.Err() != nil {
		return err
	}
	if err != nil { // a configuration that ends Envoy is an answer about its workloads
		for _, p := range w.listeners {
			p.err = err
		}
		return nil
	}
	for _, l := range w.order {
		why, bad := refused[l.Name]
		if !bad {
			continue
		}
		for _, p := range w.listeners {
			if p.socket == l.GetAddress().GetPipe().GetPath() {
				p.err = fmt.Errorf("envoy refuses the listener: %s", why)
			}
		}
	}
	return nil
}
