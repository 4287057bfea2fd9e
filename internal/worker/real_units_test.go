package worker

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// Templates of one unit do not meet the target of another, though both are
// open in one worker: neither by address nor by name, nor where a server sends
// them there.
func TestRealUnitsStayApart(t *testing.T) {
	for _, walled := range []bool{true, false} {
		t.Run(fmt.Sprintf("walled %v", walled), func(t *testing.T) {
			if !walled {
				unwall(t)
			}
			p := engine(t)
			var met atomic.Int32
			at := peer(t, "127.0.0.2:0", func(c net.Conn) {
				met.Add(1)
				if request(c) { // an answer to nothing is none
					fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nneedle")
				}
			})
			theirs := to(t, "http", at)
			named := theirs
			named.Host = "other.example"
			for _, open := range []jobs.Target{theirs, named} {
				s := p.Open(open, direct)
				defer s.Close()
				if a, err := s.Run(t.Context(), get); err != nil || !a.Found {
					t.Fatalf("%+v, %v", a, err)
				}
			}
			met.Store(0)
			for _, other := range []string{at.String(), fmt.Sprintf("other.example:%d", theirs.Port)} {
				sends := peer(t, "127.0.0.1:0", func(c net.Conn) {
					if request(c) {
						fmt.Fprintf(c, "HTTP/1.1 302 Found\r\nLocation: http://%s/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", other)
					}
				})
				ours := p.Open(to(t, "http", sends), direct)
				for name, tpl := range hostile(other) {
					a, err := ours.Run(t.Context(), tpl)
					if a.Found || met.Load() > 0 {
						t.Errorf("%s to %s: %+v, %v; met %d times", name, other, a, err, met.Swap(0))
					}
				}
				ours.Close()
			}
		})
	}
}

// Scans of two units may see one name at two addresses. Each meets its own.
func TestRealOneNameAtTwoAddresses(t *testing.T) {
	p := engine(t)
	var all sync.WaitGroup
	for i := range 2 {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if i == 0 {
				fmt.Fprint(w, "needle")
			}
		}))
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:0", i+1))
		if err != nil {
			t.Fatal(err)
		}
		srv.Listener.Close()
		srv.Listener = l
		srv.Start()
		defer srv.Close()
		all.Go(func() {
			for range 20 {
				target := to(t, "http", l.Addr())
				target.Host = "Shared.example"
				s := p.Open(target, direct)
				for range 3 {
					if a, err := s.Run(t.Context(), get); err != nil || a.Found != (i == 0) {
						t.Errorf("%d: %+v, %v", i, a, err)
					}
				}
				s.Close()
			}
		})
	}
	all.Wait()
	if len(p.names) > 0 {
		t.Errorf("names are left: %v", p.names)
	}
}

// Where the guard of one scan refuses, that of another that has the same
// target open still connects, and is asked for its own.
func TestRealOneTargetOfTwoUnits(t *testing.T) {
	p := engine(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "needle") }))
	defer srv.Close()
	over := p.Open(to(t, "http", srv.Listener.Addr()), Hooks{Dial: func(context.Context, string) (net.Conn, error) {
		return nil, fact.Because(fact.OutOfScope, "the hours are over")
	}})
	defer over.Close()
	if a, err := over.Run(t.Context(), get); cause(err) != fact.OutOfScope || !strings.Contains(err.Error(), "hours") {
		t.Errorf("%+v, %v", a, err)
	}
	s := p.Open(to(t, "http", srv.Listener.Addr()), direct)
	defer s.Close()
	if a, err := s.Run(t.Context(), get); err != nil || !a.Found {
		t.Errorf("%+v, %v", a, err)
	}
}
