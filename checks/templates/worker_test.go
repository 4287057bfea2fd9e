package templates_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
	"github.com/sansang/sansang/internal/worker"
)

// The workers: one that waits long, for servers that answer, and one for those
// that do not.
var (
	patient = sync.OnceValues(func() (*worker.Pool, error) { return newPool(20 * time.Second) })
	hasty   = sync.OnceValues(func() (*worker.Pool, error) { return newPool(2 * time.Second) })
)

var (
	pools   []*worker.Pool
	builtIn string // folder of the program, if it was built
)

// program is the path of sansang-nuclei: SANSANG_NUCLEI, or built anew.
var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("SANSANG_NUCLEI"); path != "" {
		return path, nil
	}
	folder, err := os.MkdirTemp("", "templates-test")
	if err != nil {
		return "", err
	}
	builtIn = folder
	path := filepath.Join(folder, "sansang-nuclei")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "github.com/sansang/sansang/cmd/sansang-nuclei")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return path, nil
})

var adding sync.Mutex // pools

func newPool(patience time.Duration) (*worker.Pool, error) {
	path, err := program()
	if err != nil {
		return nil, err
	}
	p := worker.New(worker.Options{Path: path, Version: "dev", Timeout: patience, Agent: "sansang", Log: zerolog.Nop()})
	adding.Lock()
	defer adding.Unlock()
	pools = append(pools, p)
	return p, nil
}

// open opens a target until the end of the test. There is to be one session of
// a target at a time, as in scans.
func open(t *testing.T, pool func() (*worker.Pool, error), scheme, address string) *worker.Session {
	t.Helper()
	p, err := pool()
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(address)
	s := p.Open(jobs.Target{Scheme: scheme, Host: at.Addr().String(), Port: int(at.Port()), Addr: at.Addr().String()}, worker.Hooks{
		Dial: func(ctx context.Context, address string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", address)
		},
		Turn: func(context.Context, int) error { return nil },
	})
	t.Cleanup(s.Close)
	return s
}

// ask runs a template as a scan does: by its check, which holds what is not
// found against controls.
func ask(t *testing.T, s *worker.Session, scheme string, template *templates.Template, seen map[string]fact.Observation) fact.Observation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	to := inventory.Endpoint{ID: "practice", Target: "127.0.0.1:1", Kind: inventory.TCP, Zone: inventory.Internal}
	if scheme != "" {
		to.Target, to.Kind = scheme+"://127.0.0.1/", inventory.Kind(scheme)
	}
	p := checks.NewProbe(checks.Settings{Now: time.Now, Timeout: 20 * time.Second, Log: zerolog.Nop(), Engine: s}, to, seen)
	o := checks.FromTemplate("template:"+template.ID, template).Observe(ctx, p)
	if err := o.Validate(); err != nil {
		t.Error(err)
	}
	return o
}

// ownPages says that http.paths took what is answered to every path for the
// site's own.
func ownPages(t *testing.T) map[string]fact.Observation {
	t.Helper()
	v, err := json.Marshal(checks.Paths{Whole: fact.Known(true), Answers: []checks.PathAnswer{}})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]fact.Observation{checks.HTTPPaths.ID: {Check: checks.HTTPPaths.ID, Value: v}}
}

func stopWorkers() {
	for _, p := range pools {
		p.Close()
	}
	if builtIn != "" {
		_ = os.RemoveAll(builtIn)
	}
}
