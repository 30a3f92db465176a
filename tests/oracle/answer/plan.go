package answer

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"

	"istio.io/istio/pkg/config/protocol"

	"oracle/envoy"
	"oracle/istiod"
	"oracle/scenario"
)

// outside is the address of callers that have none of their own.
var outside = netip.MustParseAddr("10.98.0.9")

var errNoListener = errors.New("the proxy listens on no such port")

// plan is a scenario worked out: which connection, which bytes.
type plan struct {
	s        *scenario.Scenario
	protocol string
	listener *placed // nil: no proxy in front of the workload
	dial     envoy.Dial
	request  *envoy.Request
	side     istiod.ClientSide
	client   string // the identity presented, "" for none
	appTLS   bool
	answer   scenario.Answer
	done     bool
}

// caller is the side that opens the connection.
type caller struct {
	workload  *istiod.Workload
	namespace string
	principal string
	sidecar   bool
	ip        netip.Addr
}

// target is where the connection goes.
type target struct {
	service  *istiod.Service
	workload *istiod.Workload
	port     int // as the caller names it
	inside   int // the workload's own port
	ip       netip.Addr
	declared protocol.Instance
}

func (w *world) plan(s *scenario.Scenario) *plan {
	p := &plan{s: s, appTLS: s.To.App != nil && s.To.App.TLS}
	if err := w.work(p); err != nil {
		p.answer, p.done = scenario.Answer{Error: err.Error()}, true
	}
	return p
}

func (w *world) work(p *plan) error {
	from, err := w.caller(p.s.From)
	if err != nil {
		return err
	}
	to, err := w.target(&p.s.To, from)
	if err != nil {
		return err
	}
	if to.workload.Ambient || (from.workload != nil && from.workload.Ambient) {
		return errors.New("ambient workloads are not asked here")
	}
	p.protocol = p.s.Protocol
	if p.protocol == "" {
		p.protocol = usual(to.declared)
	}
	host := p.s.Host
	if host == "" {
		host = authority(to)
	}
	if p.side, err = w.clientSide(p, from, to, host); err != nil {
		return err
	}
	p.answer.ClientTLS = p.side.Mode
	p.request = request(p, host, from)
	p.dial.From, p.dial.To = from.ip, netip.AddrPortFrom(to.ip, uint16(to.inside))
	if err := w.dress(p, from); err != nil {
		return err
	}
	if p.side.Refused != "" {
		p.answer.Verdict, p.answer.Raw, p.done = scenario.ConnectionFailed, p.side.Refused, true
		return nil
	}
	if !to.workload.Proxied(to.inside) {
		p.bare()
		return nil
	}
	p.listener = w.listener(to.workload, to.inside, p.s)
	p.dial.Socket = p.listener.socket
	return nil
}

func (w *world) principal(namespace, account string) string {
	return strings.ReplaceAll(w.inv.MeshConfig.TrustDomain, "@", ".") + "/ns/" + namespace + "/sa/" + account
}

func (w *world) caller(f *scenario.From) (caller, error) {
	c := caller{ip: outside}
	if f == nil {
		return c, nil
	}
	if f.Kubelet {
		return c, errors.New("probes are not asked here")
	}
	account := ""
	if f.ServiceAccount != "" {
		var ok bool
		if c.namespace, account, ok = strings.Cut(f.ServiceAccount, "/"); !ok {
			return c, fmt.Errorf("service account %q is not namespace/name", f.ServiceAccount)
		}
		c.sidecar = true
	}
	if f.Principal != "" {
		c.principal, c.sidecar = strings.TrimPrefix(f.Principal, "spiffe://"), true
		if parts := strings.Split(c.principal, "/"); len(parts) == 5 && parts[1] == "ns" {
			c.namespace, account = parts[2], parts[4]
		}
	}
	if f.Namespace != "" {
		c.namespace = f.Namespace
		if f.ServiceAccount == "" && f.Principal == "" {
			account, c.sidecar = "default", w.inv.InjectedByDefault(f.Namespace)
		}
	}
	if f.Workload != "" {
		if c.workload = w.inv.Workload(f.Workload); c.workload == nil {
			return c, fmt.Errorf("no workload %q", f.Workload)
		}
		c.namespace, c.sidecar = c.workload.Namespace, c.workload.Sidecar || c.workload.Router
		if account == "" {
			account = c.workload.ServiceAccount
		}
		if ip, err := netip.ParseAddr(c.workload.IP); err == nil {
			c.ip = ip
		}
	}
	if c.principal == "" && account != "" {
		c.principal = w.principal(c.namespace, account)
	}
	if f.Sidecar != nil {
		c.sidecar = *f.Sidecar
	}
	if f.IP != "" {
		ip, err := netip.ParseAddr(f.IP)
		if err != nil {
			return c, err
		}
		c.ip = ip
	}
	if c.workload == nil && c.sidecar {
		if c.namespace == "" {
			c.namespace = "default"
		}
		c.workload = &istiod.Workload{
			Namespace: c.namespace, Name: "~caller", IP: outside.String(), ServiceAccount: account,
			Labels: map[string]string{}, Sidecar: true,
		}
	}
	return c, nil
}

func (w *world) target(to *scenario.To, from caller) (target, error) {
	t := target{port: to.Port, declared: protocol.Unsupported}
	if to.Workload != "" {
		if t.workload = w.inv.Workload(to.Workload); t.workload == nil {
			return t, fmt.Errorf("no workload %q", to.Workload)
		}
	}
	if to.Service != "" {
		if err := w.throughService(&t, to.Service, from); err != nil {
			return t, err
		}
	} else {
		t.inside = t.port
		w.declaredInside(&t)
	}
	if t.workload == nil {
		return t, errors.New("the request goes to no workload")
	}
	if t.inside == 0 {
		return t, fmt.Errorf("no port of workload %s/%s is meant", t.workload.Namespace, t.workload.Name)
	}
	address := t.workload.IP
	if to.IP != "" {
		address = to.IP
	}
	ip, err := netip.ParseAddr(address)
	t.ip = ip
	return t, err
}

func (w *world) throughService(t *target, ref string, from caller) error {
	if t.service = w.inv.Service(ref, from.namespace); t.service == nil {
		return fmt.Errorf("no service %q", ref)
	}
	if t.workload == nil {
		if len(t.service.Backends) == 0 {
			return fmt.Errorf("no workload stands behind service %q", ref)
		}
		t.workload = t.service.Backends[0]
	}
	for _, p := range t.service.Ports {
		if p.Number == t.port || t.port == 0 {
			t.port, t.inside = p.Number, p.Target(t.workload)
			break
		}
	}
	if t.inside == 0 {
		return fmt.Errorf("service %q has no port %d", ref, t.port)
	}
	if declared, ok := w.server.PortProtocol(t.service.Host, t.port); ok {
		t.declared = declared
	}
	return nil
}

// declaredInside looks for a service that leads to the workload's port.
func (w *world) declaredInside(t *target) {
	for _, s := range w.inv.Services {
		if t.workload == nil || !slices.Contains(s.Backends, t.workload) {
			continue
		}
		for _, p := range s.Ports {
			if p.Target(t.workload) == t.inside {
				t.declared, _ = w.server.PortProtocol(s.Host, p.Number)
				return
			}
		}
	}
}

// usual is the protocol of a caller who names none.
func usual(declared protocol.Instance) string {
	switch {
	case declared.IsGRPC():
		return "grpc"
	case declared.IsHTTP2():
		return "http2"
	case declared.IsTCP():
		return "tcp"
	}
	return "http"
}

func authority(t target) string {
	host := t.ip.String()
	if t.service != nil {
		host = t.service.Host
	} else if t.ip.Is6() {
		host = "[" + host + "]"
	}
	if t.port != 80 {
		host += ":" + strconv.Itoa(t.port)
	}
	return host
}

func request(p *plan, host string, from caller) *envoy.Request {
	s := p.s
	r := &envoy.Request{Method: s.Method, Path: s.Path, Host: host, Scheme: "http"}
	if p.side.Mode != istiod.Plaintext && !from.sidecar {
		r.Scheme = "https"
	}
	if r.Path == "" {
		r.Path = "/"
	}
	if r.Method == "" {
		r.Method = "GET"
		if p.protocol == "grpc" {
			r.Method = "POST"
		}
	}
	given := map[string]bool{}
	names := make([]string, 0, len(s.Headers))
	for name := range s.Headers {
		names = append(names, name)
		given[strings.ToLower(name)] = true
	}
	sort.Strings(names)
	if p.protocol == "grpc" {
		r.GRPC = true
		if !given["content-type"] {
			r.Headers = append(r.Headers, [2]string{"content-type", "application/grpc"})
		}
		if !given["te"] {
			r.Headers = append(r.Headers, [2]string{"te", "trailers"})
		}
	}
	for _, name := range names {
		for _, value := range s.Headers[name] {
			r.Headers = append(r.Headers, [2]string{name, value})
		}
	}
	if s.Token != "" {
		r.Headers = append(r.Headers, [2]string{"Authorization", "Bearer " + s.Token})
	}
	if s.RemoteIP != "" {
		r.Headers = append(r.Headers, [2]string{"X-Forwarded-For", s.RemoteIP})
	}
	return r
}
