package service

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"
)

// canned is a server that says something, whatever it hears, and closes.
type canned struct {
	net.Conn // nil: nothing else may be called
	r        io.Reader
}

func (c canned) Read(b []byte) (int, error)       { return c.r.Read(b) }
func (c canned) Write(b []byte) (int, error)      { return len(b), nil }
func (c canned) Close() error                     { return nil }
func (c canned) SetDeadline(time.Time) error      { return nil }
func (c canned) SetReadDeadline(time.Time) error  { return nil }
func (c canned) SetWriteDeadline(time.Time) error { return nil }

// FuzzService has every protocol recognised from what a server may say, and
// every question answered by it. Nothing of it may break, run on, or be shown
// as it came.
func FuzzService(f *testing.F) {
	for _, seed := range []string{
		"SSH-2.0-OpenSSH_9.9\r\n", "+PONG\r\n", "$9\r\nredis_version:7\r\n", "RFB 003.008\n\x01\x01", "\xff\xfd\x18login: ", mongoHello, cql(2, ""), tdsSays,
		amqpStart("PLAIN"), kafkaSays("\x00\x00"), rpcSays(0, 1), "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00", "\x00\x00\x00\x48\xfeSMB" + strings.Repeat("\x00", 68) + "\x41",
		"\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x01\x00\x00\x00", web200(`{"cluster_name":"x"}`), "@RSYNCD: 31.0\na\tb\n@RSYNCD: EXIT\n", "\x05\x00\x05\x02", "R\x00\x00\x00\x08\x00\x00\x00\x00",
	} {
		for i := range protocols {
			f.Add(uint8(i), []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, said []byte) {
		p := protocols[int(which)%len(protocols)]
		if s, ok := identify(p.name, string(said)); ok {
			for _, shown := range []string{s.Product, s.Version, s.Banner} {
				if strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }) || len([]rune(shown)) > 121 {
					t.Errorf("%s shows %q", s.Protocol, shown)
				}
			}
		}
		dial := func(context.Context) (net.Conn, error) { return canned{r: strings.NewReader(string(said))}, nil }
		target := Target{Dial: dial, DialPort: func(ctx context.Context, _ int) (net.Conn, error) { return dial(ctx) }, Host: "127.0.0.1", Port: 9200, Service: Service{Protocol: p.name}, Wait: time.Second}
		a, err := Ask(t.Context(), target)
		if (a.Door == Untold) != (err != nil) || errors.Is(err, ErrNeedsLogin) && a.Door != Untold {
			t.Errorf("door %d, error %v", a.Door, err)
		}
		if strings.ContainsFunc(a.Proof, func(r rune) bool { return !unicode.IsPrint(r) }) || len([]rune(a.Proof)) > 161 {
			t.Errorf("proof %q", a.Proof)
		}
		if s, err := Recognise(t.Context(), dial, p.usual(), Patience{time.Second, time.Second}, nil); err != nil && s.Protocol != "" {
			t.Errorf("%+v and %v", s, err)
		}
	})
}

func (p protocol) usual() int { return append(p.ports, 1)[0] }
