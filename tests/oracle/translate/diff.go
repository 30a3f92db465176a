package translate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	jwtv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/jwt_authn/v3"
	"google.golang.org/protobuf/encoding/protojson"

	"oracle/answer"
	"oracle/istiod"
)

// Diff compares every workload with a sidecar and gives one text per difference.
func Diff(mesh answer.Mesh, meshsec string) ([]string, error) {
	return DiffWorkload(mesh, meshsec, "")
}

// DiffWorkload compares one workload, `namespace/name`; an empty name means all of them.
func DiffWorkload(mesh answer.Mesh, meshsec, workload string) ([]string, error) {
	if len(mesh.Features) > 0 {
		return nil, ErrFeatures
	}
	inv, err := istiod.Read(mesh.Manifests)
	if err != nil {
		return nil, err
	}
	theirs, err := listeners(inv, workload)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mt")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "mesh.yaml")
	if err := os.WriteFile(file, []byte(mesh.Manifests), 0o600); err != nil {
		return nil, err
	}
	var all []string
	for _, w := range inv.Workloads {
		ref := w.Namespace + "/" + w.Name
		want, ok := theirs[ref]
		if !ok {
			continue
		}
		found, err := one(want, meshsec, file, ref)
		if err != nil {
			found = []string{err.Error()}
		}
		for _, text := range found {
			all = append(all, ref+": "+text)
		}
	}
	return all, nil
}

// listeners asks istiod for the inbound listener of every sidecar.
func listeners(inv *istiod.Inventory, only string) (map[string]*listenerv3.Listener, error) {
	found := map[string]*listenerv3.Listener{}
	err := istiod.Run(inv, func(server *istiod.Server) error {
		for _, w := range inv.Workloads {
			ref := w.Namespace + "/" + w.Name
			if !w.Sidecar || (only != "" && ref != only) {
				continue
			}
			proxy, err := server.Proxy(w)
			if err != nil {
				return err
			}
			for _, l := range proxy.Listeners() {
				if l.Name == "virtualInbound" {
					found[ref] = l
				}
			}
		}
		return nil
	})
	if err == nil && only != "" && len(found) == 0 {
		err = fmt.Errorf("workload %s has no sidecar here", only)
	}
	return found, err
}

func one(want *listenerv3.Listener, meshsec, file, ref string) ([]string, error) {
	got, err := translated(meshsec, file, ref)
	if err != nil {
		return nil, err
	}
	left, err := project(want)
	if err != nil {
		return nil, err
	}
	right, err := project(got)
	if err != nil {
		return nil, err
	}
	return compare(left, right), nil
}

// translated runs meshsec and reads its virtualInbound listener.
func translated(meshsec, file, ref string) (*listenerv3.Listener, error) {
	command := exec.Command(meshsec, "policy", "translate", "--assume-admitted", "-f", file, "--workload", ref, "-o", "json")
	var trouble bytes.Buffer
	command.Stderr = &trouble
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("meshsec: %w: %s", err, strings.TrimSpace(trouble.String()))
	}
	var answer struct {
		Listeners []json.RawMessage `json:"listeners"`
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		return nil, fmt.Errorf("meshsec: %w", err)
	}
	for _, raw := range answer.Listeners {
		l := &listenerv3.Listener{}
		if err := protojson.Unmarshal(raw, l); err != nil {
			return nil, fmt.Errorf("meshsec's listener is none of Envoy's: %w", err)
		}
		if l.Name == "virtualInbound" {
			return l, nil
		}
	}
	return nil, errors.New("meshsec gives no listener virtualInbound")
}

// ErrFeatures says that a mesh was not compared.
var ErrFeatures = errors.New("translations are compared under istiod's default feature flags")

func compare(istiod, meshsec []chain) []string {
	var found []string
	theirs := map[string]chain{}
	for _, c := range meshsec {
		theirs[c.key] = c
	}
	for _, want := range istiod {
		got, ok := theirs[want.key]
		if !ok {
			found = append(found, "chain missing: "+want.key)
			continue
		}
		delete(theirs, want.key)
		for _, text := range compareChain(want, got) {
			found = append(found, "chain "+want.key+": "+text)
		}
	}
	for _, c := range meshsec {
		if _, left := theirs[c.key]; left {
			found = append(found, "chain too many: "+c.key)
		}
	}
	return found
}

func compareChain(want, got chain) []string {
	var found []string
	if want.name != got.name {
		found = append(found, fmt.Sprintf("transport socket: istiod has %q, meshsec %q", want.name, got.name))
	} else {
		for _, text := range differences(want.socket, got.socket) {
			found = append(found, "transport socket "+text)
		}
	}
	if names(want.parts) != names(got.parts) {
		return append(found, fmt.Sprintf("filters: istiod has %s, meshsec %s", names(want.parts), names(got.parts)))
	}
	for i, part := range want.parts {
		settleKeys(part, got.parts[i])
		for _, text := range differences(part.message, got.parts[i].message) {
			found = append(found, fmt.Sprintf("filter %d, %s %s", i, part.name, text))
		}
	}
	return found
}

func names(parts []part) string {
	var all []string
	for _, p := range parts {
		all = append(all, p.name)
	}
	return "[" + strings.Join(all, " ") + "]"
}

// settleKeys takes out key sets that the manifests do not hold: neither side can know them.
func settleKeys(want, got part) {
	ours, ok := want.message.(*jwtv3.JwtAuthentication)
	theirs, same := got.message.(*jwtv3.JwtAuthentication)
	if !ok || !same {
		return
	}
	for name, p := range ours.Providers {
		inline, ok := p.GetLocalJwks().GetSpecifier().(*corev3.DataSource_InlineString)
		if !ok {
			continue
		}
		if _, stands := istiod.KeySourceOf(inline.InlineString); stands {
			p.JwksSourceSpecifier = nil
			if other := theirs.Providers[name]; other != nil {
				other.JwksSourceSpecifier = nil
			}
		}
	}
}
