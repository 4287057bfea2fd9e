package worker

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/jobs"
)

// launch starts a worker behind the best wall that can be had.
func (p *Pool) launch() (*process, *Fault) {
	for ; ; p.raised++ {
		walled := p.raised < len(walls)
		var attr wall
		if walled {
			attr = walls[p.raised]
		}
		w, fault := p.start(attr, walled)
		switch {
		case fault == nil && walled && w.ready.Wall == "":
			p.unwalled = append(p.unwalled, attr.name+": "+w.ready.Why)
			w.end()
		case fault == nil:
			if !walled {
				w.why = strings.Join(append(p.unwalled, noWall), "; ")
			}
			return w, nil
		case fault != nil && fault.unwall:
			p.unwalled = append(p.unwalled, attr.name+": "+fault.Unknown.Detail)
		default:
			return nil, fault
		}
	}
}

// start starts one worker and waits until it is ready.
func (p *Pool) start(attr wall, walled bool) (*process, *Fault) {
	w := &process{pool: p, ordered: make(chan struct{}, 1), gone: make(chan struct{}), waits: map[subject]chan jobs.Report{}, onces: map[subject]*once{}}
	path, err := filepath.Abs(p.opts.Path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return nil, missing(p.opts.Path, err)
	}
	if err := w.prepare(); err != nil {
		return nil, unready(p.opts.Path, bare(err).Error())
	}
	w.cmd = exec.Command(path, "serve") //nolint:noctx // it lives until end
	w.cmd.Env = environment(w.folder)
	w.cmd.Dir = w.folder
	w.cmd.SysProcAttr = attr.attributes()
	w.cmd.WaitDelay = time.Second
	w.cmd.Stderr = &w.trouble
	w.trouble.log = p.opts.Log
	in, err := w.cmd.StdinPipe()
	if err != nil {
		w.clean()
		return nil, unready(p.opts.Path, err.Error())
	}
	out, err := w.cmd.StdoutPipe()
	if err == nil {
		err = w.cmd.Start()
	}
	if err != nil {
		_ = in.Close()
		w.clean()
		if !walled {
			return nil, missing(p.opts.Path, err)
		}
		f := unready(p.opts.Path, err.Error())
		f.unwall = true
		return nil, f
	}
	w.in = in
	ready := make(chan jobs.Report, 1)
	w.waits[subject{what: "ready"}] = ready
	w.work.Go(w.accept)
	w.work.Go(w.write)
	w.work.Go(func() { w.listen(bufio.NewReaderSize(out, 64<<10)) })
	p.work.Go(w.work.Wait)
	w.tell(jobs.Order{Start: w.begin(walled)})
	timer := time.NewTimer(times.prepare)
	defer timer.Stop()
	select {
	case r := <-ready:
		w.ready = *r.Ready
		if w.ready.Version != p.opts.Version {
			w.end()
			return nil, otherVersion(p.opts.Path, p.opts.Version, w.ready.Version)
		}
		return w, nil
	case <-w.gone:
		w.end()
		return nil, unready(p.opts.Path, w.reason)
	case <-timer.C:
	case <-p.ctx.Done():
	}
	w.kill("it said nothing in the time given")
	w.end()
	return nil, unready(p.opts.Path, w.reason)
}

// prepare makes the private folder and the socket in it.
func (w *process) prepare() (err error) {
	if w.folder, err = os.MkdirTemp("", jobs.FolderPrefix); err != nil {
		return err
	}
	if len(w.folder) > 80 { // a path to a socket holds a hundred bytes or so
		_ = os.Remove(w.folder)
		if w.folder, err = os.MkdirTemp("/tmp", jobs.FolderPrefix); err != nil {
			return err
		}
	}
	w.socket, err = net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(w.folder, "dial"), Net: "unix"})
	if err != nil {
		_ = os.RemoveAll(w.folder)
	}
	return err
}

func (w *process) begin(walled bool) *jobs.Start {
	o := w.pool.opts
	s := &jobs.Start{Version: o.Version, TimeoutMillis: o.Timeout.Milliseconds(), Resolver: true, Ask: w.socket.Addr().String(),
		MemoryBytes: o.Memory, Folder: w.folder, Trace: o.Log.GetLevel() <= zerolog.TraceLevel, Agent: o.Agent}
	if walled {
		s.Dial = s.Ask
	}
	return s
}

// environment is all that the worker is told of this machine. Importing nuclei
// writes to the home folder, looks for openssl and obeys *_PROXY.
func environment(folder string) []string {
	env := []string{"PATH=/nonexistent", "DISABLE_ZTLS_FALLBACK=true"}
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "NUCLEI_CONFIG_DIR", "TMPDIR", "TMP", "TEMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"} {
		env = append(env, name+"="+folder)
	}
	if runtime.GOOS == "windows" {
		env = append(env, "SYSTEMROOT="+os.Getenv("SYSTEMROOT")) // sockets need it there
	}
	return env
}

// trouble passes on what the worker writes on standard error, and keeps its
// beginning: a panic says first what it is about.
type trouble struct {
	log zerolog.Logger

	mu   sync.Mutex
	kept []byte
	line []byte
}

const mostKept = 1 << 10

func (t *trouble) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line = append(t.line, b...)
	for {
		i := bytes.IndexByte(t.line, '\n')
		if i < 0 {
			break
		}
		t.log.Trace().Str("from", "sansang-nuclei").Msg(string(t.line[:min(i, mostKept)]))
		if fatal := t.line[:i]; bytes.HasPrefix(fatal, []byte("panic")) || bytes.HasPrefix(fatal, []byte("fatal")) || bytes.HasPrefix(fatal, []byte("memory: ")) {
			t.kept = t.kept[:0]
		}
		if len(t.kept) < mostKept {
			t.kept = append(t.kept, t.line[:min(i+1, mostKept)]...)
		}
		t.line = t.line[i+1:]
	}
	if len(t.line) > mostKept {
		t.line = t.line[:mostKept]
	}
	return len(b), nil
}

// said is the first line kept.
func (t *trouble) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, _, _ := strings.Cut(string(t.kept)+string(t.line), "\n")
	return strings.TrimSpace(line[:min(len(line), 200)])
}
