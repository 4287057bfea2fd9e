package main

import (
	"encoding/json"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/store"
)

// settings are how the units of a run are looked at, by every machine alike. What
// is of one machine (its resolver, how much it does at once) is no part of them.
type settings struct {
	Tool      string      `json:"tool"` // version of the program: another might see otherwise
	Timeout   duration    `json:"timeout"`
	Budget    duration    `json:"endpoint_budget"`
	Pause     duration    `json:"pause"`
	Parallel  int         `json:"parallel"`
	Thorough  bool        `json:"thorough,omitempty"`
	Ports     string      `json:"ports"`
	Rates     settled     `json:"rates"`
	Templates *templateID `json:"templates,omitempty"`
	Wait      bool        `json:"wait,omitempty"` // units wait for the hours that they permit

	Policy   string   `json:"policy,omitempty"`   // of schedules: as it was asked for; empty: the one that holds on the day
	Vantages []string `json:"vantages,omitempty"` // of schedules
}

// zones of a schedule; without any it is a place whose zone nobody names.
func (s settings) zones() []inventory.Zone {
	if len(s.Vantages) == 0 {
		return []inventory.Zone{""}
	}
	var out []inventory.Zone
	for _, v := range s.Vantages {
		out = append(out, inventory.Zone(v))
	}
	return out
}

// settled are rates in connections a second; 0: no bound.
type settled struct {
	Host    float64 `json:"host"`
	Network float64 `json:"network"`
	Global  float64 `json:"global"`
	Own     bool    `json:"loopback,omitempty"`
}

// templateID tells a folder of templates, wherever it lies.
type templateID struct {
	Chosen string `json:"chosen"`
	SHA256 string `json:"sha256"`
}

type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = duration(v)
	return err
}

// questions a second go to the resolver for many units together.
const manyQuestions = 200

// settings takes from the options what is the same on every machine.
func (o lookOptions) settings() (settings, error) {
	s := settings{Tool: tool().Version, Timeout: duration(o.timeout), Budget: duration(o.budget), Pause: duration(o.pause), Parallel: o.parallel, Thorough: o.thorough, Ports: o.ports, Wait: o.wait,
		Rates: settled{Host: o.rates.Host, Network: o.rates.Network, Global: o.rates.Global, Own: o.rates.Own}}
	id, err := o.templates.id()
	s.Templates = id
	return s, err
}

// take puts the settings of a run into the options of this machine. Templates
// must lie here, and be the same.
func (o *lookOptions) take(run store.Run) error {
	var s settings
	if err := json.Unmarshal(run.Settings, &s); err != nil {
		return faultf("thiết lập của đợt %d không đọc được (%v); máy này cần cùng bản sansang", "the settings of run %d cannot be read (%v); this machine needs the same release of sansang", run.ID, err)
	}
	if own := tool().Version; s.Tool != own {
		return faultf("đợt %d do sansang bản %s bắt đầu, máy này có bản %s; cài cùng bản rồi chạy lại", "run %d was begun by sansang %s, and this machine has %s; install that release and run again", run.ID, s.Tool, own)
	}
	own, err := o.templates.id()
	switch {
	case err != nil:
		return err
	case s.Templates != nil && own == nil:
		return faultf("đợt %d dùng thêm mẫu của một thư mục (%s); thêm --templates với đúng thư mục và bộ lọc ấy", "run %d uses templates of a folder too (%s); add --templates with that folder and the same filters", run.ID, s.Templates.Chosen)
	case s.Templates == nil && own != nil:
		return faultf("đợt %d không dùng mẫu của thư mục nào; bỏ --templates", "run %d uses no templates of a folder; leave out --templates", run.ID)
	case own != nil && *own != *s.Templates:
		return faultf("mẫu ở máy này (%[2]s) khác với của đợt %[1]d (%[3]s); chép đúng thư mục ấy sang", "the templates on this machine (%[2]s) are not those of run %[1]d (%[3]s); copy that very folder", run.ID, own.Chosen, s.Templates.Chosen)
	}
	o.timeout, o.budget, o.pause = time.Duration(s.Timeout), time.Duration(s.Budget), time.Duration(s.Pause)
	o.parallel, o.thorough, o.ports = s.Parallel, s.Thorough, s.Ports
	o.rates = scan.Rates{Host: s.Rates.Host, Network: s.Rates.Network, Global: s.Rates.Global, Own: s.Rates.Own, Questions: manyQuestions}
	o.policy = run.PolicySource
	return nil
}

// id reads the folder of templates; nil: there is none.
func (o templateOptions) id() (*templateID, error) {
	if o.folder == "" {
		return nil, nil
	}
	set, err := readTemplates(o.folder, o.filter, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	chosen := judge.TemplateSet{Severity: o.filter.Severities, Tags: o.filter.Tags, IDs: o.filter.IDs, CVEs: o.filter.CVEs}.Chosen()
	return &templateID{Chosen: chosen, SHA256: set.SHA256}, nil
}
