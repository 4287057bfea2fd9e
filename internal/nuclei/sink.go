package nuclei

import (
	"errors"
	"io"
	"os"
	"sync/atomic"

	"github.com/logrusorgru/aurora"
	"github.com/projectdiscovery/nuclei/v3/pkg/output"
)

// sink is where nuclei reports each request of one template.
type sink struct{ run atomic.Pointer[run] }

// Request hears of a request and its error, some of which are told nowhere else.
func (s *sink) Request(_, _, kind string, err error) {
	r := s.run.Load()
	if r == nil {
		return
	}
	if kind == "tcp" && err != nil && (errors.Is(err, io.EOF) || os.IsTimeout(err)) {
		r.ended(err) // of the last read: nothing more came; the event tells what had
		return
	}
	if kind == "dns" {
		return // NXDOMAIN is an error here, and an answer in the event
	}
	r.failed(err)
}

// The rest of output.Writer: nothing is written.
func (*sink) Close()                                          {}
func (*sink) Colorizer() aurora.Aurora                        { return aurora.NewAurora(false) }
func (*sink) Write(*output.ResultEvent) error                 { return nil }
func (*sink) WriteFailure(*output.InternalWrappedEvent) error { return nil }
func (*sink) RequestStatsLog(string, string)                  {}
func (*sink) WriteStoreDebugData(_, _, _, _ string)           {}
func (*sink) ResultCount() int                                { return 0 }

// silent shows no progress.
type silent struct{}

func (silent) Stop()                           {}
func (silent) Init(int64, int, int64)          {}
func (silent) AddToTotal(int64)                {}
func (silent) IncrementRequests()              {}
func (silent) SetRequests(uint64)              {}
func (silent) IncrementMatched()               {}
func (silent) IncrementErrorsBy(int64)         {}
func (silent) IncrementFailedRequestsBy(int64) {}
