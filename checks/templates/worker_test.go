package templates_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// workers are started when first asked for: one that waits long, for servers
// that answer, and one for those that do not.
var workers = map[time.Duration]*worker{}
var workersAlone sync.Mutex

var builtIn string // folder of the program, if it was built

// workerProgram is the path of sansang-nuclei: SANSANG_NUCLEI, or built anew.
var workerProgram = sync.OnceValues(func() (string, error) {
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

// worker is a process of sansang-nuclei that connects by itself: it shares the
// namespace of the tests.
type worker struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	folder  string
	orders  *json.Encoder
	mu      sync.Mutex
	last    int
	waiting map[int]chan jobs.Answer
	gone    error
}

func theWorker(t *testing.T, patience time.Duration) *worker {
	t.Helper()
	workersAlone.Lock()
	defer workersAlone.Unlock()
	if workers[patience] == nil {
		path, err := workerProgram()
		if err != nil {
			t.Fatal(err)
		}
		w, err := startWorker(path, patience)
		if err != nil {
			t.Fatal(err)
		}
		workers[patience] = w
	}
	return workers[patience]
}

func startWorker(path string, patience time.Duration) (*worker, error) {
	folder, err := os.MkdirTemp("", "templates-test")
	if err != nil {
		return nil, err
	}
	w := &worker{cmd: exec.Command(path), folder: folder, waiting: map[int]chan jobs.Answer{}}
	w.cmd.Env = []string{"PATH=/nonexistent", "HOME=" + folder, "XDG_CONFIG_HOME=" + folder, "NUCLEI_CONFIG_DIR=" + folder, "TMPDIR=" + folder}
	w.cmd.Stderr = os.Stderr
	in, err := w.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.stdin, w.orders = in, json.NewEncoder(in)
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go w.hear(out)
	return w, w.orders.Encode(jobs.Order{Start: &jobs.Start{TimeoutMillis: patience.Milliseconds(), Folder: folder, Agent: "sansang"}})
}

// hear hands out answers until the worker ends.
func (w *worker) hear(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var r jobs.Report
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil || r.Answer == nil {
			continue
		}
		w.mu.Lock()
		if to := w.waiting[r.Answer.Seq]; to != nil {
			to <- *r.Answer
		}
		w.mu.Unlock()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = errors.New("the worker ended")
	for _, to := range w.waiting {
		close(to)
	}
}

// run asks one template of one target.
func (w *worker) run(target jobs.Target, template []byte) (jobs.Answer, error) {
	w.mu.Lock()
	w.last++
	target.ID = w.last
	key := fmt.Sprint("t", w.last)
	answer := make(chan jobs.Answer, 1)
	w.waiting[w.last] = answer
	err := w.gone
	for _, o := range []jobs.Order{{Load: &jobs.Template{Key: key, Data: template}}, {Open: &target}, {Run: &jobs.Run{Seq: w.last, Target: w.last, Template: key}}} {
		err = errors.Join(err, w.orders.Encode(o))
	}
	w.mu.Unlock()
	if err != nil {
		return jobs.Answer{}, err
	}
	select {
	case a, ok := <-answer:
		if !ok {
			return a, errors.New("the worker ended")
		}
		return a, nil
	case <-time.After(2 * time.Minute):
		return jobs.Answer{}, errors.New("the worker hangs")
	}
}

func stopWorkers() {
	for _, w := range workers {
		_ = w.stdin.Close()
		_ = w.cmd.Wait()
		_ = os.RemoveAll(w.folder)
	}
	if builtIn != "" {
		_ = os.RemoveAll(builtIn)
	}
}
