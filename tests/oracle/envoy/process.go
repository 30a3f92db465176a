package envoy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

const (
	appCluster    = "app"
	detailsHeader = "x-oracle-details"
	peerHeader    = "x-oracle-peer"
)

// Proxy is a running Envoy with its surroundings: the application, the providers and the journal.
type Proxy struct {
	Authorizer *Authorizer
	dir        string
	journal    *journal
	command    *exec.Cmd
	exited     chan struct{}
	trouble    *os.File
	closers    []func()
	providers  map[string]bool // cluster name -> speaks gRPC
	ports      portCounter
}

// New prepares the folder and the servers around Envoy; listeners are added by Start.
func New(appIdentity *Identity) (*Proxy, error) {
	dir, err := os.MkdirTemp("", "mo")
	if err != nil {
		return nil, err
	}
	p := &Proxy{Authorizer: &Authorizer{}, dir: dir, providers: map[string]bool{}, exited: make(chan struct{})}
	p.closers = append(p.closers, func() { _ = os.RemoveAll(dir) })
	on, err := net.Listen("unix", filepath.Join(dir, "app"))
	if err != nil {
		p.Close()
		return nil, err
	}
	p.closers = append(p.closers, func() { _ = on.Close() })
	go app{identity: appIdentity}.serve(on)
	return p, nil
}

// Socket is where the listener of the given number will be.
func (p *Proxy) Socket(number int) string { return filepath.Join(p.dir, "l"+strconv.Itoa(number)) }

// Journal is the access log of all listeners.
func (p *Proxy) Journal() string { return filepath.Join(p.dir, "journal") }

// Authz opens a provider, once, and names its cluster.
func (p *Proxy) Authz(provider string, grpc bool) string {
	name := "authz-http-" + provider
	if grpc {
		name = "authz-grpc-" + provider
	}
	if _, open := p.providers[name]; open {
		return name
	}
	p.providers[name] = grpc
	on, err := net.Listen("unix", p.authzSocket(name))
	if err != nil {
		return name // the calls fail, and the answers show it
	}
	server := p.Authorizer.serve(provider, on)
	p.closers = append(p.closers, func() { _ = server.Close() })
	return name
}

func (p *Proxy) authzSocket(cluster string) string {
	return filepath.Join(p.dir, fmt.Sprintf("a%x", hash(cluster)))
}

func hash(text string) uint32 {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h
}

// Start runs Envoy and gives the listeners that it refused, by name.
func (p *Proxy) Start(ctx context.Context, listeners []*listenerv3.Listener) (map[string]string, error) {
	update := &discoveryv3.DiscoveryResponse{VersionInfo: "1", TypeUrl: "type.googleapis.com/envoy.config.listener.v3.Listener"}
	for _, l := range listeners {
		packed, err := anypb.New(l)
		if err != nil {
			return nil, err
		}
		update.Resources = append(update.Resources, packed)
	}
	data, err := proto.Marshal(update)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(p.dir, "lds.pb"), data, 0o600); err != nil {
		return nil, err
	}
	bootstrap, err := p.bootstrap()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(p.dir, "envoy.json"), bootstrap, 0o600); err != nil {
		return nil, err
	}
	if err := p.spawn(); err != nil {
		return nil, err
	}
	if err := p.ready(ctx); err != nil {
		return nil, err
	}
	p.journal = follow(p.Journal())
	p.closers = append(p.closers, func() { close(p.journal.stop) })
	refused := map[string]string{}
	for _, l := range listeners {
		path := l.GetAddress().GetPipe().GetPath()
		if _, err := os.Stat(path); err != nil {
			refused[l.Name] = p.complaint(l.Name)
		}
	}
	return refused, nil
}

func (p *Proxy) spawn() error {
	binary := os.Getenv("ENVOY_BIN")
	if binary == "" {
		return errors.New("ENVOY_BIN does not name an Envoy binary")
	}
	var err error
	if p.trouble, err = os.Create(filepath.Join(p.dir, "stderr")); err != nil {
		return err
	}
	p.closers = append(p.closers, func() { _ = p.trouble.Close() })
	p.command = exec.Command(binary, "-c", filepath.Join(p.dir, "envoy.json"), "--concurrency", "1",
		"--disable-hot-restart", "-l", "warning", "--file-flush-interval-msec", "1", "--drain-time-s", "1", "--parent-shutdown-time-s", "2")
	p.command.Stdout, p.command.Stderr = p.trouble, p.trouble
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := launch(p.command); err != nil {
		return err
	}
	go func() {
		_ = p.command.Wait()
		close(p.exited)
	}()
	p.closers = append(p.closers, func() {
		_ = p.command.Process.Kill()
		<-p.exited
	})
	return nil
}

var (
	launchers sync.Once
	requests  = make(chan func())
)

// launch starts children from one thread that lives as long as the process: their death signal is tied to it.
func launch(c *exec.Cmd) error {
	launchers.Do(func() {
		go func() {
			runtime.LockOSThread()
			for start := range requests {
				start()
			}
		}()
	})
	result := make(chan error)
	requests <- func() { result <- c.Start() }
	return <-result
}

func (p *Proxy) ready(ctx context.Context) error {
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(p.dir, "admin"))
		},
	}}
	limit := time.After(30 * time.Second)
	for {
		if response, err := client.Get("http://admin/ready"); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.exited:
			return fmt.Errorf("envoy ended at start: %s", p.complaint(""))
		case <-limit:
			return fmt.Errorf("envoy does not get ready: %s", p.complaint(""))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// complaint finds what Envoy printed about a listener, or the end of everything it printed.
func (p *Proxy) complaint(listener string) string {
	text, _ := os.ReadFile(p.trouble.Name())
	if listener != "" {
		for line := range strings.SplitSeq(string(text), "\n") {
			if strings.Contains(line, listener+":") || strings.Contains(line, "'"+listener+"'") {
				return line
			}
		}
	}
	if len(text) > 3000 {
		text = text[len(text)-3000:]
	}
	return string(bytes.TrimSpace(text))
}

// Alive is nil while Envoy runs, else what it printed.
func (p *Proxy) Alive() error {
	select {
	case <-p.exited:
		return fmt.Errorf("envoy ended: %s", p.complaint(""))
	default:
		return nil
	}
}

// Close stops everything and removes the folder.
func (p *Proxy) Close() {
	for i := len(p.closers) - 1; i >= 0; i-- {
		p.closers[i]()
	}
	p.closers = nil
}

func (p *Proxy) bootstrap() ([]byte, error) {
	clusters := []any{cluster(appCluster, filepath.Join(p.dir, "app"), false)}
	for name, grpc := range p.providers {
		clusters = append(clusters, cluster(name, p.authzSocket(name), grpc))
	}
	return json.Marshal(map[string]any{
		"node":  map[string]any{"id": "oracle", "cluster": "oracle"},
		"admin": map[string]any{"address": map[string]any{"pipe": map[string]any{"path": filepath.Join(p.dir, "admin")}}},
		"layered_runtime": map[string]any{"layers": []any{map[string]any{
			"name": "istio", "static_layer": map[string]any{
				"re2.max_program_size.error_level":                               32768,
				"envoy.reloadable_features.http_reject_path_with_fragment":       false,
				"envoy.reloadable_features.fixed_heap_use_allocated":             true,
				"envoy.reloadable_features.coalesce_lb_rebuilds_on_batch_update": false,
			},
		}}},
		"dynamic_resources": map[string]any{"lds_config": map[string]any{
			"resource_api_version": "V3",
			"path_config_source":   map[string]any{"path": filepath.Join(p.dir, "lds.pb")},
		}},
		"static_resources": map[string]any{"clusters": clusters},
	})
}

func cluster(name, socket string, grpc bool) map[string]any {
	c := map[string]any{
		"name": name, "type": "STATIC", "connect_timeout": "5s",
		"load_assignment": map[string]any{"cluster_name": name, "endpoints": []any{map[string]any{
			"lb_endpoints": []any{map[string]any{"endpoint": map[string]any{
				"address": map[string]any{"pipe": map[string]any{"path": socket}},
			}}},
		}}},
		"circuit_breakers": map[string]any{"thresholds": []any{map[string]any{
			"max_connections": 100000, "max_pending_requests": 100000, "max_requests": 100000,
		}}},
	}
	if grpc {
		c["typed_extension_protocol_options"] = map[string]any{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": map[string]any{
			"@type":                "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
			"explicit_http_config": map[string]any{"http2_protocol_options": map[string]any{}},
		}}
	}
	return c
}
