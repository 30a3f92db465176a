package envoy

import (
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
)

// Authorizer plays every external authorization provider of a mesh, over HTTP and gRPC.
type Authorizer struct {
	lock   sync.Mutex
	answer func(provider string) string
}

// Say sets what the providers answer from now on: allow, deny or error.
func (a *Authorizer) Say(answer func(provider string) string) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.answer = answer
}

func (a *Authorizer) word(provider string) string {
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.answer == nil {
		return "allow"
	}
	return a.answer(provider)
}

// serve answers for one provider on a socket until the listener is closed.
func (a *Authorizer) serve(provider string, on net.Listener) *http.Server {
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Protocols: protocols, ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			word := a.word(provider)
			if strings.HasPrefix(r.Header.Get("content-type"), "application/grpc") && r.ProtoMajor == 2 {
				check(w, word)
				return
			}
			switch word {
			case "deny":
				w.WriteHeader(http.StatusForbidden)
			case "error":
				w.WriteHeader(http.StatusInternalServerError)
			}
		}),
	}
	go func() { _ = server.Serve(on) }()
	return server
}

// check writes one gRPC reply by hand: a length-prefixed message and a trailer.
func check(w http.ResponseWriter, word string) {
	w.Header().Set("content-type", "application/grpc")
	w.Header().Set("trailer", "grpc-status")
	if word == "error" {
		w.Header().Set("grpc-status", "14")
		return
	}
	reply := &authv3.CheckResponse{Status: &status.Status{Code: 0}}
	if word == "deny" {
		reply.Status.Code = 7
	}
	message, _ := proto.Marshal(reply)
	frame := make([]byte, 5, 5+len(message))
	binary.BigEndian.PutUint32(frame[1:], uint32(len(message)))
	_, _ = w.Write(append(frame, message...))
	w.Header().Set("grpc-status", "0")
}
