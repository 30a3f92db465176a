package istiod

import (
	"fmt"
	"sync"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	"google.golang.org/protobuf/proto"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/xds/endpoints"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config/host"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/protocol"
	"istio.io/istio/pkg/kube/krt"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/test"

	_ "oracle/istiod/quiet"
)

func init() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	krt.GlobalDebugHandler = nil // it would keep every mesh of the process alive
}

// Server is istiod in memory with one inventory loaded.
type Server struct {
	*Inventory
	ds      *xds.FakeDiscoveryServer
	lock    sync.Mutex
	proxies map[string]*Proxy
}

// Proxy is one proxy as istiod sees it.
type Proxy struct {
	server   *Server
	model    *model.Proxy
	clusters map[string]*clusterv3.Cluster
	sides    map[destination]ClientSide
}

// destination names one endpoint as a caller addresses it.
type destination struct {
	host, subset, address string
	port, endpointPort    int
}

// Run starts istiod, calls with, and stops it again.
func Run(inv *Inventory, with func(*Server) error) error {
	var inner error
	err := test.Wrap(func(t test.Failer) {
		ds := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
			KubernetesObjects: inv.kubernetes,
			Configs:           inv.Configs,
			MeshConfig:        inv.MeshConfig,
		})
		inner = with(&Server{Inventory: inv, ds: ds, proxies: map[string]*Proxy{}})
	})
	if err != nil {
		return fmt.Errorf("istiod: %w", err)
	}
	return inner
}

// Proxy gives the proxy of a workload.
func (s *Server) Proxy(w *Workload) (*Proxy, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	key := w.Namespace + "/" + w.Name
	if p, ok := s.proxies[key]; ok && w.Name != "" {
		return p, nil
	}
	settings, err := proxySettings(s.MeshConfig, w.Annotations["proxy.istio.io/config"])
	if err != nil {
		return nil, fmt.Errorf("workload %s: %w", key, err)
	}
	kind := model.SidecarProxy
	if w.Router {
		kind = model.Router
	}
	mode := model.InterceptionRedirect
	if text := w.Annotations["sidecar.istio.io/interceptionMode"]; text != "" {
		mode = model.TrafficInterceptionMode(text)
	}
	p := &Proxy{server: s, sides: map[destination]ClientSide{}, model: s.ds.SetupProxy(&model.Proxy{
		Type: kind, ID: w.Name + "." + w.Namespace, IPAddresses: []string{w.IP},
		ConfigNamespace: w.Namespace, DNSDomain: w.Namespace + ".svc.cluster.local", Labels: w.Labels,
		Metadata: &model.NodeMetadata{
			Namespace: w.Namespace, Labels: w.Labels, Annotations: w.Annotations, ServiceAccount: w.ServiceAccount,
			ClusterID: "Kubernetes", IstioVersion: "1.32.0", InterceptionMode: mode,
			ProxyConfig: (*model.NodeMetaProxyConfig)(settings),
		},
	})}
	if w.Name != "" {
		s.proxies[key] = p
	}
	return p, nil
}

func proxySettings(config *meshconfig.MeshConfig, annotation string) (*meshconfig.ProxyConfig, error) {
	settings := proto.Clone(config.GetDefaultConfig()).(*meshconfig.ProxyConfig)
	if annotation == "" {
		return settings, nil
	}
	return mesh.MergeProxyConfig(annotation, settings)
}

// Listeners builds every listener of the proxy.
func (p *Proxy) Listeners() []*listenerv3.Listener { return p.server.ds.Listeners(p.model) }

// Inbound picks the listener that a connection to the given port of the pod meets; nil when there is none.
func (p *Proxy) Inbound(port int) *listenerv3.Listener {
	var virtual *listenerv3.Listener
	for _, l := range p.Listeners() {
		switch {
		case l.Name == model.VirtualInboundListenerName:
			virtual = l
		case virtual == nil && int(l.GetAddress().GetSocketAddress().GetPortValue()) == port && l.GetTrafficDirection().String() != "INBOUND" && p.model.Type == model.Router:
			return l
		case p.model.GetInterceptionMode() == model.InterceptionNone && l.GetTrafficDirection().String() == "INBOUND" &&
			int(l.GetAddress().GetSocketAddress().GetPortValue()) == port:
			return l
		}
	}
	return virtual
}

// Clusters builds the clusters of the proxy, by name.
func (p *Proxy) Clusters() map[string]*clusterv3.Cluster {
	if p.clusters == nil {
		p.clusters = map[string]*clusterv3.Cluster{}
		for _, c := range p.server.ds.Clusters(p.model) {
			p.clusters[c.Name] = c
		}
	}
	return p.clusters
}

// Endpoints builds the endpoints of one cluster as this proxy sees them.
func (p *Proxy) Endpoints(cluster string) *endpointv3.ClusterLoadAssignment {
	builder := endpoints.NewEndpointBuilder(cluster, p.model, p.server.ds.PushContext())
	return builder.BuildClusterLoadAssignment(p.server.ds.Discovery.Env.EndpointIndex)
}

// PortProtocol is the protocol that the proxy believes a service port to speak.
func (p *Proxy) PortProtocol(hostname string, port int) (protocol.Instance, bool) {
	return p.server.portProtocol(p.model, hostname, port)
}

// PortProtocol is the declared protocol of a service port, whoever asks.
func (s *Server) PortProtocol(hostname string, port int) (protocol.Instance, bool) {
	return s.portProtocol(nil, hostname, port)
}

func (s *Server) portProtocol(proxy *model.Proxy, hostname string, port int) (protocol.Instance, bool) {
	service := s.ds.PushContext().ServiceForHostname(proxy, host.Name(hostname))
	if service == nil {
		return protocol.Unsupported, false
	}
	declared, ok := service.Ports.GetByPort(port)
	if !ok {
		return protocol.Unsupported, false
	}
	return declared.Protocol, true
}
