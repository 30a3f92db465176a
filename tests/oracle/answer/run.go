package answer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"oracle/envoy"
	"oracle/scenario"
)

const (
	inFlight  = 2   // a third waiting reply makes Envoy close
	lanes     = 6   // connections at once
	laneLimit = 200 // requests of one kind before a second connection shares them
)

// runner sends the plans of one mesh.
type runner struct {
	ctx   context.Context
	proxy *envoy.Proxy
}

// all goes through the plans grouped by what the providers answer, then by connection.
func (r *runner) all(plans []*plan) {
	phases := map[string][]*plan{}
	for _, p := range plans {
		switch {
		case p.done:
		case p.listener.err != nil:
			p.answer.Verdict, p.answer.Error = scenario.ConnectionFailed, p.listener.err.Error()
			if errors.Is(p.listener.err, errNoListener) {
				p.answer.Error, p.answer.Raw = "", p.listener.err.Error()
			}
		default:
			key, _ := json.Marshal(p.s.ExtAuthz)
			phases[string(key)] = append(phases[string(key)], p)
		}
	}
	for _, phase := range phases {
		words := phase[0].s.ExtAuthz
		r.proxy.Authorizer.Say(words.Answer)
		r.phase(phase)
	}
}

func (r *runner) phase(plans []*plan) {
	var order []string
	groups := map[string][]*plan{}
	for _, p := range plans {
		key := p.connection()
		if _, ok := groups[key]; !ok {
			order = append(order, key)
		}
		groups[key] = append(groups[key], p)
	}
	work := make(chan []*plan)
	var busy sync.WaitGroup
	for range lanes {
		busy.Add(1)
		go func() {
			defer busy.Done()
			for group := range work {
				r.group(group)
			}
		}()
	}
	for _, key := range order {
		group := groups[key]
		for len(group) > laneLimit && group[0].protocol != "tcp" {
			work <- group[:laneLimit]
			group = group[laneLimit:]
		}
		work <- group
	}
	close(work)
	busy.Wait()
}

// connection names everything that is settled before the first request byte.
func (p *plan) connection() string {
	kind := p.protocol
	if kind == "grpc" {
		kind = "http2"
	}
	d := &p.dial
	tls := ""
	if d.TLS != nil {
		tls = strings.Join([]string{
			p.side.Mode, d.TLS.SNI, strings.Join(d.TLS.ALPN, ","), p.client, strings.Join(d.TLS.Names, ","),
		}, "|")
	}
	return fmt.Sprintf("%s %s %s %s %v %s", kind, d.Socket, d.From, d.To, p.appTLS, tls)
}

func (r *runner) group(group []*plan) {
	if err := errors.Join(r.ctx.Err(), r.proxy.Alive()); err != nil {
		fill(group, scenario.Answer{Error: err.Error()})
		return
	}
	switch group[0].protocol {
	case "tcp":
		r.tcp(group)
	case "http2", "grpc":
		r.http2(group)
	case "http":
		r.http1(group)
	default:
		fill(group, scenario.Answer{Error: fmt.Sprintf("protocol %q is unknown", group[0].protocol)})
	}
	if err := r.proxy.Alive(); err != nil {
		for _, p := range group {
			if p.answer.Verdict != scenario.Allowed && p.answer.HTTPStatus == nil {
				p.answer.Error = err.Error()
			}
		}
	}
}

// fill gives all of them one answer, each keeping what is its own.
func fill(group []*plan, a scenario.Answer) {
	for _, p := range group {
		own := p.answer.ClientTLS
		p.answer = a
		if p.answer.ClientTLS == "" {
			p.answer.ClientTLS = own
		}
	}
}

// tcp asks once: connections of one kind do not differ.
func (r *runner) tcp(group []*plan) {
	p := group[0]
	conn, err := r.proxy.Dial(p.dial)
	if err != nil {
		p.failed(conn, err)
	} else if response, err := conn.Exchange(); err != nil {
		p.failed(conn, err)
	} else {
		noted := conn.Closing()
		if response.Peer == "" {
			response.Peer = noted.Peer
		}
		p.answered(response)
	}
	fill(group[1:], p.answer)
}

func (r *runner) http1(group []*plan) {
	for len(group) > 0 {
		conn, err := r.proxy.Dial(group[0].dial)
		if err != nil {
			group[0].failed(conn, err)
			fill(group[1:], group[0].answer)
			return
		}
		answered, hopeless := stream(conn, group)
		if hopeless {
			fill(group[answered:], group[answered-1].answer)
			return
		}
		group = group[answered:]
	}
}

// stream sends requests until the connection ends. Hopeless says that every further connection ends the same way.
func stream(conn *envoy.Conn, group []*plan) (answered int, hopeless bool) {
	defer conn.Conn.Close()
	sent := 0
	for answered < len(group) {
		for sent < len(group) && sent-answered < inFlight {
			alone := group[sent].request.Alone()
			if alone && sent > 0 {
				if sent > answered {
					break
				}
				return answered, false
			}
			if conn.Send(group[sent].request.Bytes()) != nil {
				sent++ // the reason is found when reading
				break
			}
			sent++
			if alone {
				break
			}
		}
		p := group[answered]
		response, err := conn.ReadHTTP1(p.request.Method)
		if err != nil {
			if answered > 0 {
				return answered, false
			}
			return 1, p.failed(conn, err)
		}
		p.answered(response)
		answered++
		if response.Close || p.request.Alone() {
			return answered, false
		}
	}
	return answered, false
}

func (r *runner) http2(group []*plan) {
	for len(group) > 0 {
		conn, err := r.proxy.Dial(group[0].dial)
		if err != nil {
			group[0].failed(conn, err)
			fill(group[1:], group[0].answer)
			return
		}
		answered, hopeless := streams(conn, group)
		if hopeless {
			fill(group[answered:], group[answered-1].answer)
			return
		}
		group = group[answered:]
	}
}

func streams(conn *envoy.Conn, group []*plan) (answered int, hopeless bool) {
	defer conn.Conn.Close()
	session, err := envoy.NewHTTP2(conn)
	if err != nil {
		return 1, group[0].failed(conn, err)
	}
	for answered < len(group) {
		p := group[answered]
		response, err := session.Do(p.request)
		var reset envoy.ErrStream
		switch {
		case errors.As(err, &reset):
			p.answer.Verdict, p.answer.Reason = scenario.BadRequest, reset.Error()
			return answered + 1, false
		case err != nil && answered > 0:
			return answered, false
		case err != nil:
			return 1, p.failed(conn, err)
		}
		p.answered(response)
		answered++
		if response.Close {
			return answered, false
		}
	}
	return answered, false
}
