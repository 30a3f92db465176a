package istiod

import (
	"fmt"
	"strings"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	httpv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/types/known/structpb"

	meshconfig "istio.io/api/mesh/v1alpha1"
)

// The ways a client's side of a connection can look.
const (
	Plaintext   = "plaintext"
	IstioMutual = "istio-mutual"
	Simple      = "simple"
	Mutual      = "mutual"
)

// ClientSide is what the caller's proxy puts on the wire.
type ClientSide struct {
	Mode    string
	SNI     string
	AutoSNI bool     // SNI follows the request's host
	ALPN    []string // as the cluster says; HTTP traffic is adapted by the caller
	Names   []string // the server identities accepted; empty accepts all
	OwnCert bool     // mutual with the workload's own certificate
	Refused string   // the caller's proxy sends nothing at all, and why
}

// ClientSide finds how this proxy talks to a port of a host when the given endpoint is picked.
func (p *Proxy) ClientSide(host string, port int, subset, address string, endpointPort int) (ClientSide, error) {
	to := destination{host, subset, address, port, endpointPort}
	if side, ok := p.sides[to]; ok {
		return side, nil
	}
	side, err := p.work(host, port, subset, address, endpointPort)
	if err == nil {
		p.sides[to] = side
	}
	return side, err
}

func (p *Proxy) work(host string, port int, subset, address string, endpointPort int) (ClientSide, error) {
	name := fmt.Sprintf("outbound|%d|%s|%s", port, subset, host)
	cluster, ok := p.Clusters()[name]
	if !ok {
		if subset != "" {
			return ClientSide{}, fmt.Errorf("istiod gives %s no cluster %s", p.model.ID, name)
		}
		return p.UnknownHost(), nil
	}
	socket := cluster.TransportSocket
	if matches := cluster.TransportSocketMatches; len(matches) > 0 {
		metadata := p.endpointMetadata(cluster, address, endpointPort)
		for _, m := range matches {
			if covers(metadata, m.Match) {
				socket = m.TransportSocket
				break
			}
		}
	}
	return readSocket(cluster, socket)
}

// UnknownHost is how this proxy treats an address that is no service: as it came, or not at all.
func (p *Proxy) UnknownHost() ClientSide {
	policy := p.server.MeshConfig.GetOutboundTrafficPolicy().GetMode()
	if own := p.model.SidecarScope.OutboundTrafficPolicy; own != nil {
		if own.Mode.String() == "REGISTRY_ONLY" {
			return ClientSide{Refused: "the caller's proxy knows no such host"}
		}
		return ClientSide{Mode: Plaintext}
	}
	if policy == meshconfig.MeshConfig_OutboundTrafficPolicy_REGISTRY_ONLY {
		return ClientSide{Refused: "the caller's proxy knows no such host"}
	}
	return ClientSide{Mode: Plaintext}
}

// endpointMetadata is the metadata that transport socket matches look at. Original-destination clusters have no endpoints.
func (p *Proxy) endpointMetadata(cluster *clusterv3.Cluster, address string, port int) *structpb.Struct {
	if cluster.GetType() == clusterv3.Cluster_ORIGINAL_DST {
		return nil
	}
	load := cluster.LoadAssignment
	if cluster.GetType() == clusterv3.Cluster_EDS {
		load = p.Endpoints(cluster.Name)
	}
	for _, group := range load.GetEndpoints() {
		for _, e := range group.LbEndpoints {
			if isAt(e, address, port) {
				return e.GetMetadata().GetFilterMetadata()["envoy.transport_socket_match"]
			}
		}
	}
	return nil
}

func isAt(e *endpointv3.LbEndpoint, address string, port int) bool {
	at := e.GetEndpoint().GetAddress().GetSocketAddress()
	return at.GetAddress() == address && int(at.GetPortValue()) == port
}

func covers(metadata, want *structpb.Struct) bool {
	for key, value := range want.GetFields() {
		got, ok := metadata.GetFields()[key]
		if !ok || got.GetStringValue() != value.GetStringValue() {
			return false
		}
	}
	return true
}

func readSocket(cluster *clusterv3.Cluster, socket *corev3.TransportSocket) (ClientSide, error) {
	side := ClientSide{Mode: Plaintext}
	if socket == nil || !strings.HasSuffix(socket.GetTypedConfig().GetTypeUrl(), "UpstreamTlsContext") {
		return side, nil
	}
	context := &tlsv3.UpstreamTlsContext{}
	if err := socket.GetTypedConfig().UnmarshalTo(context); err != nil {
		return side, err
	}
	common := context.GetCommonTlsContext()
	side.SNI, side.ALPN, side.AutoSNI = context.Sni, common.GetAlpnProtocols(), autoSNI(cluster)
	certificates := common.GetTlsCertificateSdsSecretConfigs()
	switch {
	case len(certificates) > 0 && certificates[0].Name == "default":
		side.Mode = IstioMutual
	case len(certificates) > 0 || len(common.GetTlsCertificates()) > 0:
		side.Mode = Mutual
		side.OwnCert = len(certificates) > 0 && strings.HasPrefix(certificates[0].Name, "file-cert:/etc/certs/")
	default:
		side.Mode = Simple
	}
	if side.Mode == IstioMutual {
		checks := common.GetCombinedValidationContext().GetDefaultValidationContext()
		for _, m := range checks.GetMatchTypedSubjectAltNames() {
			side.Names = append(side.Names, m.GetMatcher().GetExact())
		}
		//nolint:staticcheck // istiod fills the old field for URIs and names alike
		for _, m := range checks.GetMatchSubjectAltNames() {
			side.Names = append(side.Names, m.GetExact())
		}
	}
	return side, nil
}

func autoSNI(cluster *clusterv3.Cluster) bool {
	raw, ok := cluster.GetTypedExtensionProtocolOptions()["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
	if !ok {
		return false
	}
	options := &httpv3.HttpProtocolOptions{}
	return raw.UnmarshalTo(options) == nil && options.GetUpstreamHttpProtocolOptions().GetAutoSni()
}
