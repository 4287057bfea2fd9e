// Package jobs is what sansang and its template worker say to each other: one
// JSON object a line, orders over the worker's standard input, reports over
// its standard output. Each order and each report has exactly one part.
package jobs

// Order is what the worker is told.
type Order struct {
	Start *Start    `json:"start,omitempty"` // the first order, once
	Load  *Template `json:"load,omitempty"`  // answered by Loaded
	Open  *Target   `json:"open,omitempty"`  // answered by Opened
	Run   *Run      `json:"run,omitempty"`   // answered by Answer, in any order, at any time
	Stop  *Stop     `json:"stop,omitempty"`  // of one run, which is still answered
	Shut  *Shut     `json:"shut,omitempty"`  // of a target; what runs on it is stopped, and still answered
}

// Report is what the worker says.
type Report struct {
	Ready  *Ready  `json:"ready,omitempty"`
	Loaded *Loaded `json:"loaded,omitempty"`
	Opened *Opened `json:"opened,omitempty"`
	Answer *Answer `json:"answer,omitempty"`
}

// Start says how to work.
type Start struct {
	Version       string `json:"version"`         // of sansang; the worker stops if its own differs
	TimeoutMillis int64  `json:"timeout_ms"`      // of one exchange
	Dial          string `json:"dial,omitempty"`  // path of the Unix socket that gives connections; empty: the worker connects by itself
	Resolver      bool   `json:"resolver"`        // whether questions of the DNS may be asked
	Ask           string `json:"ask,omitempty"`   // path of the Unix socket that takes them, as it is that of Dial where there is one
	MemoryBytes   int64  `json:"memory"`          // above which the worker ends itself; 0: no bound
	Folder        string `json:"folder"`          // private, for temporary files; removed by both sides
	Trace         bool   `json:"trace,omitempty"` // log what the engine says, on standard error
	Agent         string `json:"agent,omitempty"` // User-Agent of requests over HTTP
}

// Ready says that the worker is at work.
type Ready struct {
	Version string `json:"version"`
	Wall    string `json:"wall"`          // "network namespace", or "" where none could be raised
	Why     string `json:"why,omitempty"` // why there is none
}

// Template is one template, vetted.
type Template struct {
	Key  string `json:"key"` // by which Run names it
	Data []byte `json:"data"`
}

// Loaded says whether the engine takes a template.
type Loaded struct {
	Key      string `json:"key"`
	Error    string `json:"error,omitempty"`
	Requests int    `json:"requests"` // that it makes at most
}

// Target is one endpoint or domain to run templates on.
type Target struct {
	ID     int    `json:"id"`
	Scheme string `json:"scheme,omitempty"` // http or https; empty: the endpoint does not speak HTTP
	Host   string `json:"host"`             // name or address, as URL, Host header and SNI have it
	Port   int    `json:"port,omitempty"`   // 0: a domain, of which only the DNS is asked
	Path   string `json:"path,omitempty"`   // of the URL that was declared, such as /cong; never ends in a slash
	Addr   string `json:"addr,omitempty"`   // the one IP address that Host stands for
}

// Opened says that a target is open, or why it is not.
type Opened struct {
	ID    int    `json:"id"`
	Error string `json:"error,omitempty"`
}

// Run asks for one template on one target.
type Run struct {
	Seq      int    `json:"seq"`
	Target   int    `json:"target"`
	Template string `json:"template"` // Key
}

// Stop ends one run.
type Stop struct {
	Seq int `json:"seq"`
}

// Shut closes a target.
type Shut struct {
	Target int `json:"target"`
}

// Bounds of an Answer.
const (
	MostRequest   = 4 << 10
	MostResponse  = 16 << 10 // of what was found
	MostNegative  = 2 << 10  // of the response that shows that nothing was found
	MostExtracted = 20
	MostText      = 512 // of one extracted value, name or detail
)

// Answer is the one answer to a Run: found, not found, or Unknown with its
// cause. Not found was proved: no error of any kind, every request answered.
type Answer struct {
	Seq       int      `json:"seq"`
	Found     bool     `json:"found,omitempty"`
	Matchers  []string `json:"matchers,omitempty"` // names of those that matched
	At        string   `json:"at,omitempty"`       // URL or "host:port" where it was found, or looked for last
	Extracted []string `json:"extracted,omitempty"`
	Request   []byte   `json:"request,omitempty"`  // of the exchange that shows the answer, cut to its bound
	Response  []byte   `json:"response,omitempty"` // the same
	Requests  int      `json:"requests"`           // made
	Answers   int      `json:"answers"`            // of the target to them
	Statuses  []int    `json:"statuses,omitempty"` // of HTTP, in order
	Cause     string   `json:"cause,omitempty"`    // a cause of internal/fact; set: neither found nor not found
	Detail    string   `json:"detail,omitempty"`
}
