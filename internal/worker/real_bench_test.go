package worker

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/templates"
)

// BenchmarkFirst is from nothing to the first answer.
func BenchmarkFirst(b *testing.B) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	path, version := real(b)
	for b.Loop() {
		p := New(Options{Path: path, Version: version, Timeout: 5 * time.Second})
		if _, err := p.Open(to(b, "http", srv.Listener.Addr()), direct).Run(context.Background(), get); err != nil {
			b.Fatal(err)
		}
		p.Close()
	}
}

// BenchmarkRuns makes a thousand runs of fifty templates, 25 at a time; not by
// GET, whose answers the engine may hold.
func BenchmarkRuns(b *testing.B) {
	for _, c := range []struct {
		name         string
		walled, keep bool
	}{{"relayed, kept", true, true}, {"direct, kept", false, true}, {"relayed, new", true, false}, {"direct, new", false, false}} {
		b.Run(c.name, func(b *testing.B) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !c.keep {
					w.Header().Set("Connection", "close")
				}
				fmt.Fprint(w, strings.Repeat("x", 2000))
			}))
			defer srv.Close()
			if !c.walled {
				unwall(b)
			}
			p := engine(b)
			defer p.Close()
			s := p.Open(to(b, "http", srv.Listener.Addr()), direct)
			tpl := make([]*templates.Template, 50)
			for i := range tpl {
				tpl[i] = text(fmt.Sprint("get", i), fmt.Sprintf(`http: [{method: OPTIONS, path: ["{{BaseURL}}/%d"], matchers: [{type: word, words: [needle]}]}]`, i), "http")
				if _, err := s.Run(context.Background(), tpl[i]); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				var wg sync.WaitGroup
				var next atomic.Int32
				for range 25 {
					wg.Go(func() {
						for i := int(next.Add(1)); i <= 1000; i = int(next.Add(1)) {
							if a, err := s.Run(context.Background(), tpl[i%len(tpl)]); err != nil || a.Found {
								b.Errorf("%+v, %v", a, err)
								return
							}
						}
					})
				}
				wg.Wait()
			}
		})
	}
}
