package translate

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"oracle/answer"
	"oracle/istiod"
)

// Config is what istiod sends to one workload's proxy: listeners, outbound clusters, their endpoints.
func Config(mesh answer.Mesh, workload string) ([]byte, error) {
	inv, err := istiod.Read(mesh.Manifests)
	if err != nil {
		return nil, err
	}
	w := inv.Workload(workload)
	if w == nil {
		return nil, fmt.Errorf("no workload %q", workload)
	}
	out := map[string][]json.RawMessage{}
	add := func(section string, m proto.Message) error {
		text, err := protojson.Marshal(m)
		out[section] = append(out[section], text)
		return err
	}
	err = istiod.Run(inv, func(server *istiod.Server) error {
		proxy, err := server.Proxy(w)
		if err != nil {
			return err
		}
		for _, l := range proxy.Listeners() {
			if l.Name == "virtualInbound" || w.Router {
				if err := add("listeners", l); err != nil {
					return err
				}
			}
		}
		clusters := proxy.Clusters()
		var names []string
		for name := range clusters {
			if strings.HasPrefix(name, "outbound|") {
				names = append(names, name)
			}
		}
		sort.Strings(names)
		for _, name := range names {
			if err := add("clusters", clusters[name]); err != nil {
				return err
			}
			if clusters[name].GetType().String() == "EDS" {
				if err := add("endpoints", proxy.Endpoints(name)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(out, "", "  ")
}
