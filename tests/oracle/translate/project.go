// Package translate compares `meshsec policy translate` with the listener that istiod itself builds.
package translate

import (
	"fmt"
	"regexp"
	"strings"

	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	httpauthzv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	jwtv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/jwt_authn/v3"
	httprbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	netauthzv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/ext_authz/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	netrbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	tcpv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// chain is what security sees of a filter chain.
type chain struct {
	key    string // name and match: what tells it from the others
	socket proto.Message
	name   string // of the socket
	parts  []part
}

// part is one filter, or the settings of an HTTP connection manager.
type part struct {
	name    string
	message proto.Message
}

// inventedAddress is the pod address that the fixture made up: chains of a Sidecar's ingress are named after it.
var inventedAddress = regexp.MustCompile(`^10\.99\.\d+\.\d+_`)

// project reduces a listener to its security. The same is done to both sides, so nothing is compared that one side may leave out.
func project(l *listenerv3.Listener) ([]chain, error) {
	var all []chain
	seen := map[string]int{}
	for _, c := range l.FilterChains {
		name := inventedAddress.ReplaceAllString(c.Name, "0.0.0.0_")
		made := chain{key: name + " {" + text(c.FilterChainMatch) + "}"}
		seen[made.key]++
		if n := seen[made.key]; n > 1 {
			made.key += fmt.Sprintf(" (%d)", n)
		}
		if s := c.TransportSocket; s != nil {
			message, err := unpack(s.GetTypedConfig())
			if err != nil {
				return nil, fmt.Errorf("chain %s: %w", made.key, err)
			}
			made.socket, made.name = message, s.Name
		}
		for _, f := range c.Filters {
			parts, err := network(f)
			if err != nil {
				return nil, fmt.Errorf("chain %s, filter %s: %w", made.key, f.Name, err)
			}
			made.parts = append(made.parts, parts...)
		}
		all = append(all, made)
	}
	return all, nil
}

func text(m *listenerv3.FilterChainMatch) string {
	if m == nil {
		return ""
	}
	// prototext varies its spaces from build to build on purpose
	return strings.Join(strings.Fields(prototext.MarshalOptions{}.Format(m)), " ")
}

func unpack(config *anypb.Any) (proto.Message, error) {
	if config == nil {
		return nil, nil
	}
	return config.UnmarshalNew()
}

func network(f *listenerv3.Filter) ([]part, error) {
	config := f.GetTypedConfig()
	if !strings.Contains(config.GetTypeUrl(), "/envoy.") {
		return nil, nil
	}
	message, err := unpack(config)
	if err != nil {
		return nil, err
	}
	switch m := message.(type) {
	case *netrbacv3.RBAC, *netauthzv3.ExtAuthz:
		return []part{{f.Name, m}}, nil
	case *tcpv3.TcpProxy:
		return []part{{f.Name, &tcpv3.TcpProxy{}}}, nil
	case *hcmv3.HttpConnectionManager:
		return http(f.Name, m)
	}
	return nil, nil
}

// http keeps how paths and addresses are read, and the filters that decide, in their order.
func http(name string, h *hcmv3.HttpConnectionManager) ([]part, error) {
	parts := []part{{name, &hcmv3.HttpConnectionManager{
		NormalizePath: h.NormalizePath, MergeSlashes: h.MergeSlashes, PathWithEscapedSlashesAction: h.PathWithEscapedSlashesAction,
		UseRemoteAddress: h.UseRemoteAddress, XffNumTrustedHops: h.XffNumTrustedHops, SkipXffAppend: h.SkipXffAppend,
		OriginalIpDetectionExtensions: h.OriginalIpDetectionExtensions, InternalAddressConfig: h.InternalAddressConfig,
		ForwardClientCertDetails: h.ForwardClientCertDetails, SetCurrentClientCertDetails: h.SetCurrentClientCertDetails,
		StripPortMode: h.StripPortMode,
	}}}
	for _, f := range h.HttpFilters {
		config := f.GetTypedConfig()
		if !strings.Contains(config.GetTypeUrl(), "/envoy.") {
			continue
		}
		message, err := unpack(config)
		if err != nil {
			return nil, fmt.Errorf("filter %s: %w", f.Name, err)
		}
		switch message.(type) {
		case *httprbacv3.RBAC, *httpauthzv3.ExtAuthz, *jwtv3.JwtAuthentication:
			parts = append(parts, part{f.Name, message})
		}
	}
	return parts, nil
}
