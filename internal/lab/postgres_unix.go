//go:build unix

package lab

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrNoPostgres says that this machine has no PostgreSQL to start.
var ErrNoPostgres = errors.New("no PostgreSQL is installed here (Debian: postgresql)")

// Postgres is a PostgreSQL of the machine's own packages with a folder and a
// port of its own, for tests that keep something in it. What it confirmed is on
// the disk (fsync), also where it is killed.
type Postgres struct {
	dir, bin string
	hosts    []string // where it listens, the first is that of URL
	port     string
	secret   string
	as       *syscall.SysProcAttr
	names    atomic.Int64

	server *exec.Cmd // nil: not running
	ended  chan struct{}
}

// patience is how long a PostgreSQL may take to start or to stop.
const patience = 30 * time.Second

// StartPostgres makes a database cluster in dir, which is to be empty, and
// starts a server on 127.0.0.1, or on the addresses of listen. As root it is
// run by the user postgres, to whom dir is given (and who may pass through the
// temporary folders above it). ctx bounds its making, not
// its life: that ends with Stop or Kill.
func StartPostgres(ctx context.Context, dir string, listen ...string) (*Postgres, error) {
	if len(listen) == 0 {
		listen = []string{"127.0.0.1"}
	}
	p := &Postgres{dir: dir, hosts: listen, secret: rand.Text()}
	var err error
	if p.bin, err = postgresFolder(); err != nil {
		return nil, err
	}
	if p.port, err = freePort(ctx, listen[0]); err != nil {
		return nil, err
	}
	word := filepath.Join(dir, "password")
	if err := os.WriteFile(word, []byte(p.secret+"\n"), 0o600); err != nil {
		return nil, err
	}
	if p.as, err = servant("postgres", dir, word); err != nil {
		return nil, err
	}
	err = p.program(ctx, "initdb", "-D", p.data(), "-U", "sansang", "-A", "scram-sha-256", "--pwfile", word, "--no-sync", "-E", "UTF8", "--locale=C")
	if err != nil {
		return nil, err
	}
	rules := "host all all 0.0.0.0/0 scram-sha-256\nhost all all ::/0 scram-sha-256\n" // who can reach it at all is told by listen
	if err := os.WriteFile(filepath.Join(p.data(), "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		return nil, err
	}
	return p, p.Start()
}

// URL is where the first database of the server is.
func (p *Postgres) URL() string { return p.url(p.hosts[0], "postgres") }

// URLAt is [Postgres.URL] by another of the addresses at which it listens.
func (p *Postgres) URLAt(host string) string { return p.url(host, "postgres") }

// NewURL makes an empty database in the server, and tells where it is.
func (p *Postgres) NewURL(ctx context.Context) (string, error) {
	name := fmt.Sprintf("test%d", p.names.Add(1))
	err := p.program(ctx, "createdb", "-h", p.hosts[0], "-p", p.port, "-U", "sansang", "-T", "template0", name)
	return p.url(p.hosts[0], name), err
}

func (p *Postgres) url(host, name string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("sansang", p.secret), Host: net.JoinHostPort(host, p.port), Path: "/" + name, RawQuery: "sslmode=disable"}
	return u.String()
}

// Start starts a server that was stopped or killed, with what it kept.
func (p *Postgres) Start() error {
	if p.server != nil {
		return nil
	}
	for began := time.Now(); ; time.Sleep(200 * time.Millisecond) { // processes of one that was killed may still be ending
		err := p.start()
		if err == nil || time.Since(began) > patience {
			return err
		}
	}
}

func (p *Postgres) start() error {
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(filepath.Join(p.bin, "postgres"), "-D", p.data(), "-p", p.port, "-k", "", "-c", "listen_addresses="+strings.Join(p.hosts, ","), "-c", "fsync=on", "-c", "max_connections=200")
	cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = p.dir, p.as, log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	for until := time.Now().Add(patience); time.Now().Before(until); {
		select {
		case <-ended:
			said, _ := os.ReadFile(log.Name())
			return fmt.Errorf("PostgreSQL ended at its start: %s", said[max(0, len(said)-500):])
		case <-time.After(20 * time.Millisecond):
		}
		if p.ready(cmd.Process.Pid) {
			p.server, p.ended = cmd, ended
			return nil
		}
	}
	_ = cmd.Process.Kill()
	<-ended
	return errors.New("PostgreSQL was not ready in time")
}

// ready reads the lock file, whose first line is the process and whose eighth
// is its state.
func (p *Postgres) ready(pid int) bool {
	b, err := os.ReadFile(filepath.Join(p.data(), "postmaster.pid"))
	lines := strings.Split(string(b), "\n")
	return err == nil && len(lines) > 7 && lines[0] == fmt.Sprint(pid) && strings.TrimSpace(lines[7]) == "ready"
}

// Stop ends the server in good order; clients are sent away.
func (p *Postgres) Stop() error {
	if p.server == nil {
		return nil
	}
	if err := p.server.Process.Signal(syscall.SIGINT); err != nil { // "fast shutdown"
		return err
	}
	select {
	case <-p.ended:
		p.server = nil
		return nil
	case <-time.After(patience):
		return errors.Join(errors.New("PostgreSQL did not stop in time"), p.Kill())
	}
}

// Restart is Stop and Start.
func (p *Postgres) Restart() error {
	if err := p.Stop(); err != nil {
		return err
	}
	return p.Start()
}

// Kill ends the server and the processes of its clients at once, as a crash of
// the machine would, but for what the system has yet to write.
func (p *Postgres) Kill() error {
	if p.server == nil {
		return nil
	}
	children := childrenOf(p.server.Process.Pid)
	err := p.server.Process.Kill()
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
	}
	<-p.ended
	p.server = nil
	return err
}

// Log gives what the server said so far.
func (p *Postgres) Log() string {
	b, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	return string(b)
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *Postgres) program(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr, cmd.Env = p.dir, p.as, append(os.Environ(), "PGPASSWORD="+p.secret)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}
