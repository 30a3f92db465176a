package envoy

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// HTTP2 speaks HTTP/2 over a connection, one request after the other, with the pseudo headers as given.
type HTTP2 struct {
	conn   *Conn
	framer *http2.Framer
	block  bytes.Buffer
	encode *hpack.Encoder
	next   uint32
}

// ErrStream says that the proxy gave the request up without an answer.
type ErrStream struct{ Code http2.ErrCode }

func (e ErrStream) Error() string { return "the stream was reset: " + e.Code.String() }

// NewHTTP2 sends the preface.
func NewHTTP2(c *Conn) (*HTTP2, error) {
	h := &HTTP2{conn: c, framer: http2.NewFramer(c, c.reader), next: 1}
	h.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	h.encode = hpack.NewEncoder(&h.block)
	if err := c.Send([]byte(http2.ClientPreface)); err != nil {
		return nil, err
	}
	return h, h.framer.WriteSettings()
}

// Do sends one request without a body and waits for its answer.
func (h *HTTP2) Do(r *Request) (*Response, error) {
	_ = h.conn.SetDeadline(time.Now().Add(Patience))
	h.block.Reset()
	pseudo := [][2]string{{":method", r.Method}, {":scheme", r.Scheme}, {":authority", r.Host}, {":path", r.Path}}
	if r.Method == "CONNECT" {
		pseudo = [][2]string{{":method", r.Method}, {":authority", r.Host}}
	}
	for _, field := range append(pseudo, r.Headers...) {
		if err := h.encode.WriteField(hpack.HeaderField{Name: strings.ToLower(field[0]), Value: field[1]}); err != nil {
			return nil, err
		}
	}
	id := h.next
	h.next += 2
	if err := h.writeHeaders(id); err != nil {
		return nil, err
	}
	return h.answer(id)
}

// writeHeaders sends the encoded block in frames of the size that every peer takes.
func (h *HTTP2) writeHeaders(id uint32) error {
	const most = 16384
	block := h.block.Bytes()
	first := block[:min(len(block), most)]
	block = block[len(first):]
	err := h.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: first, EndStream: true, EndHeaders: len(block) == 0})
	for err == nil && len(block) > 0 {
		next := block[:min(len(block), most)]
		block = block[len(next):]
		err = h.framer.WriteContinuation(id, len(block) == 0, next)
	}
	return err
}

func (h *HTTP2) answer(id uint32) (*Response, error) {
	r := &Response{}
	for {
		frame, err := h.framer.ReadFrame()
		if err != nil {
			return nil, err
		}
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			if f.StreamID != id {
				continue
			}
			if err := r.take(f.Fields); err != nil {
				return nil, err
			}
			if f.StreamEnded() {
				return r, nil
			}
		case *http2.DataFrame:
			if f.StreamID != id {
				continue
			}
			r.Body += string(f.Data())
			if f.StreamEnded() {
				return r, nil
			}
		case *http2.SettingsFrame:
			if !f.IsAck() {
				if err := h.framer.WriteSettingsAck(); err != nil {
					return nil, err
				}
			}
		case *http2.PingFrame:
			if !f.IsAck() {
				if err := h.framer.WritePing(true, f.Data); err != nil {
					return nil, err
				}
			}
		case *http2.RSTStreamFrame:
			if f.StreamID == id {
				return nil, ErrStream{f.ErrCode}
			}
		case *http2.GoAwayFrame:
			if f.ErrCode != http2.ErrCodeNo {
				return nil, ErrStream{f.ErrCode}
			}
			r.Close = true
		}
	}
}

func (r *Response) take(fields []hpack.HeaderField) error {
	for _, f := range fields {
		if f.Name == ":status" {
			status, err := strconv.Atoi(f.Value)
			if err != nil {
				return fmt.Errorf("status %q: %w", f.Value, err)
			}
			r.Status = status
			continue
		}
		r.note(f.Name, f.Value)
	}
	return nil
}
