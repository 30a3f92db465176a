package agree

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"oracle/generate"
	"oracle/scenario"
)

// candidate is a mesh and the one request on which the sides differ.
type candidate struct {
	docs     []generate.Doc
	request  scenario.Scenario
	features map[string]string
}

func (c candidate) toCase() Case {
	return Case{Manifests: generate.YAML(c.docs), Features: c.features, Requests: []scenario.Scenario{c.request}}
}

// shrink makes the candidate smaller for as long as the difference keeps its shape and time allows.
func (r *run) shrink(c candidate, kind string) candidate {
	end := time.Now().Add(r.shrinkFor)
	if r.deadline > 0 {
		if last := r.started.Add(r.deadline + r.shrinkFor); last.Before(end) {
			end = last
		}
	}
	tried := map[string]bool{}
	holds := func(try candidate) bool {
		text := generate.YAML(try.docs) + string(try.request.Line())
		if tried[text] || time.Now().After(end) {
			return false
		}
		tried[text] = true
		real, ours, err := r.both(try.toCase())
		return err == nil && real[0].Error == "" && shape(compare(try.request, real[0], ours[0])) == kind
	}
	if !holds(c) {
		return c // it takes the other requests, or chance, to see it
	}
	for {
		before := c.size()
		c = dropDocuments(c, holds)
		c = plainRequest(c, holds)
		c = dropParts(c, holds)
		if c.size() == before || time.Now().After(end) {
			return c
		}
	}
}

func (c candidate) size() int { return len(generate.YAML(c.docs)) + len(c.request.Line()) }

// dropDocuments leaves out halves, then quarters, down to single documents.
func dropDocuments(c candidate, holds func(candidate) bool) candidate {
	for chunk := (len(c.docs) + 1) / 2; chunk > 0; chunk /= 2 {
		for at := len(c.docs) - chunk; at > -chunk; {
			from, to := max(at, 0), at+chunk
			if to > len(c.docs) {
				to = len(c.docs)
			}
			if from >= to {
				at -= chunk
				continue
			}
			try := c
			try.docs = slices.Concat(c.docs[:from], c.docs[to:])
			if holds(try) {
				c = try
			}
			at -= chunk
		}
	}
	return c
}

// place is a way from a document's root to one of its parts.
type place []any // string: a key, int: a list index

// parts lists every part that may be left out, the largest first.
func parts(doc generate.Doc) []place {
	var out []place
	sizes := map[int]int{}
	var walk func(value any, at place)
	walk = func(value any, at place) {
		if len(at) > 1 {
			sizes[len(out)] = len(generate.YAML([]generate.Doc{{"x": value}}))
			out = append(out, slices.Clone(at))
		}
		switch v := value.(type) {
		case map[string]any:
			names := slices.Sorted(maps.Keys(v))
			for _, name := range names {
				if !needed(name, len(at)) {
					walk(v[name], append(at, name))
				}
			}
		case []any:
			for i, item := range v {
				walk(item, append(at, i))
			}
		case generate.Text:
			walk(v.Tree, append(at, "\x00"))
		}
	}
	walk(map[string]any(doc), nil)
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return sizes[order[i]] > sizes[order[j]] })
	sortedOut := make([]place, len(out))
	for i, from := range order {
		sortedOut[i] = out[from]
	}
	return sortedOut
}

// needed parts are those without which an object is nothing.
func needed(key string, depth int) bool {
	switch key {
	case "apiVersion", "kind":
		return depth == 0
	case "name", "namespace", "containers", "template":
		return depth <= 3
	}
	return false
}

// without is the document less one part.
func without(doc generate.Doc, at place) generate.Doc {
	out, _ := remove(map[string]any(doc), at).(map[string]any)
	return out
}

func remove(value any, at place) any {
	switch v := value.(type) {
	case map[string]any:
		out := maps.Clone(v)
		name := at[0].(string)
		if len(at) == 1 {
			delete(out, name)
		} else {
			out[name] = remove(v[name], at[1:])
		}
		return out
	case []any:
		index := at[0].(int)
		if len(at) == 1 {
			return slices.Concat(v[:index], v[index+1:])
		}
		out := slices.Clone(v)
		out[index] = remove(v[index], at[1:])
		return out
	case generate.Text:
		if len(at) == 1 {
			return generate.Text{Tree: map[string]any{}}
		}
		return generate.Text{Tree: remove(v.Tree, at[1:])}
	}
	return value
}

// dropParts leaves out rules, list values, fields; policies first, because they hold the answer.
func dropParts(c candidate, holds func(candidate) bool) candidate {
	order := make([]int, len(c.docs))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return rank(c.docs[order[i]]) < rank(c.docs[order[j]]) })
	for _, i := range order {
		for again := true; again; {
			again = false
			for _, at := range parts(c.docs[i]) {
				try := c
				try.docs = slices.Clone(c.docs)
				try.docs[i] = without(c.docs[i], at)
				if holds(try) {
					c, again = try, true
					break
				}
			}
		}
	}
	return c
}

func rank(doc generate.Doc) int {
	switch doc["kind"] {
	case "AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication", "DestinationRule":
		return 0
	case "ConfigMap":
		return 1
	case "Service":
		return 2
	}
	return 3
}

// plainRequest takes away what the request can do without.
func plainRequest(c candidate, holds func(candidate) bool) candidate {
	attempt := func(change func(*scenario.Scenario)) {
		try := c
		try.request.Headers = maps.Clone(c.request.Headers)
		change(&try.request)
		if string(try.request.Line()) != string(c.request.Line()) && holds(try) {
			c = try
		}
	}
	attempt(func(s *scenario.Scenario) { s.Headers = nil })
	for _, name := range slices.Sorted(maps.Keys(c.request.Headers)) {
		attempt(func(s *scenario.Scenario) { delete(s.Headers, name) })
		for len(c.request.Headers[name]) > 1 {
			count := len(c.request.Headers[name])
			attempt(func(s *scenario.Scenario) { s.Headers[name] = s.Headers[name][1:] })
			if len(c.request.Headers[name]) == count {
				break
			}
		}
	}
	attempt(func(s *scenario.Scenario) { s.Token = "" })
	attempt(func(s *scenario.Scenario) { s.JWKS = nil })
	attempt(func(s *scenario.Scenario) { s.ExtAuthz = nil })
	attempt(func(s *scenario.Scenario) { s.RemoteIP = "" })
	attempt(func(s *scenario.Scenario) { s.TLS = nil })
	attempt(func(s *scenario.Scenario) { s.To.App = nil })
	attempt(func(s *scenario.Scenario) { s.Host = "" })
	if s := c.request; s.Protocol == "http2" || s.Protocol == "grpc" {
		attempt(func(s *scenario.Scenario) { s.Protocol = "http" })
	}
	if c.request.Protocol != "tcp" {
		attempt(func(s *scenario.Scenario) { s.Method = "GET" })
		attempt(func(s *scenario.Scenario) { s.Path = "/" })
		attempt(func(s *scenario.Scenario) { s.Path, _, _ = strings.Cut(s.Path, "#") })
		attempt(func(s *scenario.Scenario) { s.Path, _, _ = strings.Cut(s.Path, "?") })
	}
	return c
}
