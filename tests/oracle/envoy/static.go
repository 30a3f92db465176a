// Package envoy makes istiod's listeners self-contained, runs the real Envoy over them and speaks to it.
package envoy

import (
	"fmt"
	"strings"
	"time"

	accesslogv3 "github.com/envoyproxy/go-control-plane/envoy/config/accesslog/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	rbacv3 "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	fileaccessv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/file/v3"
	httpauthzv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	jwtv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/jwt_authn/v3"
	httprbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	proxyprotocolv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/proxy_protocol/v3"
	netauthzv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/ext_authz/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	netrbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	tcpv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Static says what takes the place of everything a listener would fetch or reach.
type Static struct {
	Name, Socket, Journal string
	Server                *Identity                  // what the proxy presents
	Root                  string                     // PEM of the mesh's root
	Keys                  func(inline string) string // the key set for a rule's inline text
	Authz                 func(provider string, grpc bool) (cluster string)
}

// Build gives the listener as Envoy can run it alone.
func (s *Static) Build(from *listenerv3.Listener) (*listenerv3.Listener, error) {
	l := proto.Clone(from).(*listenerv3.Listener)
	l.Name = s.Name
	l.Address = &corev3.Address{Address: &corev3.Address_Pipe{Pipe: &corev3.Pipe{Path: s.Socket}}}
	l.AdditionalAddresses, l.BindToPort, l.Transparent, l.UseOriginalDst = nil, nil, nil, nil //nolint:staticcheck // must be empty
	l.ConnectionBalanceConfig, l.EnableReusePort, l.TrafficDirection = nil, nil, 0
	log, err := s.accessLog()
	if err != nil {
		return nil, err
	}
	l.AccessLog = []*accesslogv3.AccessLog{log}
	restore, err := anypb.New(&proxyprotocolv3.ProxyProtocol{})
	if err != nil {
		return nil, err
	}
	filters := []*listenerv3.ListenerFilter{{
		Name:       "envoy.filters.listener.proxy_protocol",
		ConfigType: &listenerv3.ListenerFilter_TypedConfig{TypedConfig: restore},
	}}
	for _, f := range l.ListenerFilters {
		if strings.HasSuffix(f.Name, "_inspector") {
			filters = append(filters, f)
		}
	}
	l.ListenerFilters = filters
	chains := l.FilterChains
	if l.DefaultFilterChain != nil {
		chains = append(append([]*listenerv3.FilterChain{}, chains...), l.DefaultFilterChain)
	}
	for _, c := range chains {
		if err := s.chain(c); err != nil {
			return nil, fmt.Errorf("filter chain %s: %w", c.Name, err)
		}
	}
	return l, nil
}

func (s *Static) accessLog() (*accesslogv3.AccessLog, error) {
	config, err := anypb.New(&fileaccessv3.FileAccessLog{
		Path: s.Journal,
		AccessLogFormat: &fileaccessv3.FileAccessLog_LogFormat{LogFormat: &corev3.SubstitutionFormatString{
			Format: &corev3.SubstitutionFormatString_TextFormatSource{TextFormatSource: &corev3.DataSource{
				Specifier: &corev3.DataSource_InlineString{InlineString: journalFormat},
			}},
		}},
	})
	return &accesslogv3.AccessLog{
		Name:       "envoy.access_loggers.file",
		ConfigType: &accesslogv3.AccessLog_TypedConfig{TypedConfig: config},
	}, err
}

func (s *Static) chain(c *listenerv3.FilterChain) error {
	if socket := c.GetTransportSocket(); socket != nil {
		context := &tlsv3.DownstreamTlsContext{}
		if err := socket.GetTypedConfig().UnmarshalTo(context); err != nil {
			return err
		}
		s.secrets(context.GetCommonTlsContext())
		packed, err := anypb.New(context)
		if err != nil {
			return err
		}
		socket.ConfigType = &corev3.TransportSocket_TypedConfig{TypedConfig: packed}
	}
	var kept []*listenerv3.Filter
	for _, f := range c.Filters {
		config, err := s.filter(f.GetTypedConfig())
		if err != nil {
			return fmt.Errorf("filter %s: %w", f.Name, err)
		}
		if config != nil {
			kept = append(kept, &listenerv3.Filter{Name: f.Name, ConfigType: &listenerv3.Filter_TypedConfig{TypedConfig: config}})
		}
	}
	c.Filters = kept
	return nil
}

// secrets puts the certificates and the root where the proxy would ask its agent for them.
func (s *Static) secrets(common *tlsv3.CommonTlsContext) {
	common.TlsCertificateSdsSecretConfigs = nil
	common.TlsCertificates = []*tlsv3.TlsCertificate{{CertificateChain: inline(s.Server.Chain), PrivateKey: inline(s.Server.Key)}}
	checks := &tlsv3.CertificateValidationContext{}
	switch {
	case common.GetCombinedValidationContext() != nil:
		if given := common.GetCombinedValidationContext().GetDefaultValidationContext(); given != nil {
			checks = given
		}
	case common.GetValidationContextSdsSecretConfig() != nil:
	case common.GetValidationContext() != nil:
		checks = common.GetValidationContext()
	default:
		return
	}
	checks.TrustedCa = inline(s.Root)
	common.ValidationContextType = &tlsv3.CommonTlsContext_ValidationContext{ValidationContext: checks}
}

func inline(text string) *corev3.DataSource {
	return &corev3.DataSource{Specifier: &corev3.DataSource_InlineString{InlineString: text}}
}

// filter rewrites one network filter; nil drops it.
func (s *Static) filter(config *anypb.Any) (*anypb.Any, error) {
	if config == nil || !known(config) {
		return nil, nil
	}
	message, err := config.UnmarshalNew()
	if err != nil {
		return nil, err
	}
	switch f := message.(type) {
	case *hcmv3.HttpConnectionManager:
		if err := s.http(f); err != nil {
			return nil, err
		}
	case *tcpv3.TcpProxy:
		to := appCluster
		if f.GetCluster() == "BlackHoleCluster" {
			to = f.GetCluster() // which nobody defines: the connection is closed
		}
		message = &tcpv3.TcpProxy{StatPrefix: "app", ClusterSpecifier: &tcpv3.TcpProxy_Cluster{Cluster: to}}
	case *netrbacv3.RBAC:
		followPeer(f.Rules)
		followPeer(f.ShadowRules)
	case *netauthzv3.ExtAuthz:
		f.GrpcService.GetEnvoyGrpc().ClusterName = s.Authz(provider(f.FilterEnabledMetadata.GetValue().GetStringMatch().GetPrefix()), true)
	default:
		return nil, nil
	}
	return anypb.New(message)
}

func known(config *anypb.Any) bool {
	return strings.Contains(config.TypeUrl, "/envoy.")
}

func (s *Static) http(h *hcmv3.HttpConnectionManager) error {
	h.AccessLog, h.AccessLogOptions, h.Tracing = nil, nil, nil
	h.DelayedCloseTimeout = durationpb.New(20 * time.Millisecond) // a whole second by default
	h.LocalReplyConfig = sayWhy()
	h.RouteSpecifier = &hcmv3.HttpConnectionManager_RouteConfig{RouteConfig: everythingArrives()}
	var kept []*hcmv3.HttpFilter
	for _, f := range h.HttpFilters {
		config := f.GetTypedConfig()
		if config == nil || !known(config) {
			continue
		}
		message, err := config.UnmarshalNew()
		if err != nil {
			return err
		}
		switch filter := message.(type) {
		case *httprbacv3.RBAC:
			followPeer(filter.Rules)
			followPeer(filter.ShadowRules)
		case *httpauthzv3.ExtAuthz:
			name := provider(filter.FilterEnabledMetadata.GetValue().GetStringMatch().GetPrefix())
			if grpc := filter.GetGrpcService(); grpc != nil {
				grpc.GetEnvoyGrpc().ClusterName = s.Authz(name, true)
			} else if uri := filter.GetHttpService().GetServerUri(); uri != nil {
				uri.HttpUpstreamType = &corev3.HttpUri_Cluster{Cluster: s.Authz(name, false)}
			}
		case *jwtv3.JwtAuthentication:
			for _, p := range filter.Providers {
				if given, ok := p.GetLocalJwks().GetSpecifier().(*corev3.DataSource_InlineString); ok {
					given.InlineString = s.Keys(given.InlineString)
				}
			}
		default:
			if f.Name != "envoy.filters.http.router" {
				continue
			}
		}
		packed, err := anypb.New(message)
		if err != nil {
			return err
		}
		f.ConfigType = &hcmv3.HttpFilter_TypedConfig{TypedConfig: packed}
		kept = append(kept, f)
	}
	h.HttpFilters = kept
	return nil
}

// provider reads the name out of the metadata prefix that switches an ext_authz filter on.
func provider(prefix string) string { return strings.TrimPrefix(prefix, "istio-ext-authz-") }

// followPeer makes conditions on the socket's peer read the address of the PROXY header, which is the peer here.
func followPeer(rules *rbacv3.RBAC) {
	for _, policy := range rules.GetPolicies() {
		for _, p := range policy.Principals {
			followPeerIn(p)
		}
	}
}

func followPeerIn(p *rbacv3.Principal) {
	switch id := p.Identifier.(type) {
	case *rbacv3.Principal_DirectRemoteIp:
		p.Identifier = &rbacv3.Principal_SourceIp{SourceIp: id.DirectRemoteIp} //nolint:staticcheck // the one that follows the header
	case *rbacv3.Principal_AndIds:
		for _, one := range id.AndIds.Ids {
			followPeerIn(one)
		}
	case *rbacv3.Principal_OrIds:
		for _, one := range id.OrIds.Ids {
			followPeerIn(one)
		}
	case *rbacv3.Principal_NotId:
		followPeerIn(id.NotId)
	}
}

func everythingArrives() *routev3.RouteConfiguration {
	return &routev3.RouteConfiguration{VirtualHosts: []*routev3.VirtualHost{{
		Name: "all", Domains: []string{"*"},
		Routes: []*routev3.Route{{
			Match:  &routev3.RouteMatch{PathSpecifier: &routev3.RouteMatch_Prefix{Prefix: "/"}},
			Action: &routev3.Route_DirectResponse{DirectResponse: &routev3.DirectResponseAction{Status: 200}},
		}},
	}}}
}

// sayWhy makes every reply of the proxy carry what it knows about its reason.
func sayWhy() *hcmv3.LocalReplyConfig {
	add := func(name, value string) *corev3.HeaderValueOption {
		return &corev3.HeaderValueOption{
			Header:       &corev3.HeaderValue{Key: name, Value: value},
			AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
		}
	}
	return &hcmv3.LocalReplyConfig{Mappers: []*hcmv3.ResponseMapper{{
		Filter: &accesslogv3.AccessLogFilter{FilterSpecifier: &accesslogv3.AccessLogFilter_StatusCodeFilter{
			StatusCodeFilter: &accesslogv3.StatusCodeFilter{Comparison: &accesslogv3.ComparisonFilter{
				Op: accesslogv3.ComparisonFilter_GE, Value: &corev3.RuntimeUInt32{DefaultValue: 0, RuntimeKey: "oracle.status"},
			}},
		}},
		HeadersToAdd: []*corev3.HeaderValueOption{
			add(detailsHeader, "%RESPONSE_CODE_DETAILS%"),
			add(peerHeader, "%DOWNSTREAM_PEER_URI_SAN%"),
		},
	}}}
}
