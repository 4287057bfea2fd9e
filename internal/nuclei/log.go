package nuclei

import (
	"errors"
	"strings"
	"sync"

	"github.com/projectdiscovery/gologger"
	"github.com/projectdiscovery/gologger/formatter"
	"github.com/projectdiscovery/gologger/levels"
)

// logs is where nuclei's log ends. It prints nothing and never ends the
// process: gologger would, after a fatal message.
type logs struct{ trace func(level, message string) }

var errTaken = errors.New("taken") // makes gologger skip its writer

// fatal is what a message that would have ended the process becomes.
type fatal string

// Format takes a message. Some failures are only ever logged, with the ID of
// the template in front.
func (l logs) Format(e *formatter.LogEvent) ([]byte, error) {
	if e.Level == levels.LevelFatal {
		panic(fatal(e.Message))
	}
	if e.Level == levels.LevelWarning || e.Level == levels.LevelError {
		listeners.tell(e.Message)
	}
	if l.trace != nil {
		l.trace(e.Level.String(), e.Message)
	}
	return nil, errTaken
}

// bridge leads the log here. Once: the packages of nuclei share one logger.
func bridge(trace func(level, message string)) {
	l := &gologger.Logger{}
	l.SetMaxLevel(levels.LevelVerbose)
	l.SetFormatter(logs{trace})
	gologger.DefaultLogger = l
}

// listeners are the runs under way, by the ID of their template.
var listeners = hearing{by: map[string]*run{}}

type hearing struct {
	mu sync.Mutex
	by map[string]*run
}

func (h *hearing) listen(id string, r *run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.by[id] = r
}

func (h *hearing) leave(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.by, id)
}

// tell gives "[id] what failed" to the run of that template.
func (h *hearing) tell(message string) {
	id, what, ok := strings.Cut(strings.TrimPrefix(message, "["), "] ")
	if !ok {
		return
	}
	h.mu.Lock()
	r := h.by[id]
	h.mu.Unlock()
	if r != nil {
		r.failed(errors.New(strings.TrimSpace(what)))
	}
}
