package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/foreign"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/report"
)

// importOptions are the flags of import.
type importOptions struct {
	unit, from, zone, at, output string
	endpoint, system, policy     string
}

func (a *app) importing() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   a.t("import TỆP… --unit TỆP-ĐƠN-VỊ -o HỒ-SƠ", "import FILE… --unit UNIT-FILE -o ASSESSMENT"),
		Short: a.t("Nhập kết quả của công cụ khác thành hồ sơ đánh giá, không gửi gói tin nào", "Make an assessment of results of other tools, sending nothing"),
		Long: a.t(`Đọc tệp kết quả của testssl.sh, SSLyze, ssh-audit, nuclei (JSON), OpenSCAP (XCCDF 1.2,
ARF) và kết quả đánh giá OSCAL (JSON), ghi thành hồ sơ đánh giá để ghép với đợt rà quét
của sansang (sansang merge) hoặc đánh giá ngay (sansang judge). Mỗi dữ kiện giữ tên công
cụ, tệp và thời điểm công cụ ấy chạy; báo cáo ghi rõ là "theo công cụ khác". Điều tệp
không nói rõ thì vẫn là chưa biết: không thấy trong tệp không có nghĩa là không có.`,
			`Reads result files of testssl.sh, SSLyze, ssh-audit and nuclei (JSON), OpenSCAP (XCCDF
1.2, ARF) and OSCAL assessment results (JSON) into an assessment, to be joined with a
scan by sansang (sansang merge) or judged at once (sansang judge). Each fact keeps the
tool, the file and the time at which that tool ran, and reports say that it is "reported
by another tool". What a file does not say plainly stays unknown: silence is no negative.`),
		Example: "  sansang import web.json --unit don-vi.yaml --vantage internet -o testssl.jsonl\n  sansang merge testssl.jsonl noi-bo.jsonl -o ho-so.jsonl",
		RunE:    func(_ *cobra.Command, args []string) error { return a.runImport(args, o) },
	}
	f := c.Flags()
	f.StringVar(&o.unit, "unit", "", a.t("tệp đơn vị mà các kết quả nói về", "the unit file that the results are about"))
	f.StringVar(&o.from, "from", "", a.t("dạng tệp: ", "form of the files: ")+strings.Join(foreign.Formats, ", ")+a.t(" (mặc định: tự nhận ra)", " (default: found out)"))
	f.StringVar(&o.zone, "vantage", "", a.t("công cụ ấy đã chạy ở vùng nào: internet, wan, internal, admin", "the zone that the tool ran in: internet, wan, internal, admin"))
	f.StringVar(&o.at, "at", "", a.t("công cụ ấy chạy lúc nào, khi tệp không ghi, ví dụ 2026-11-20", "when the tool ran, where its file does not say, such as 2026-11-20"))
	f.StringVar(&o.endpoint, "endpoint", "", a.t("mã điểm kết nối mà tệp nói về (mặc định: theo máy và cổng ghi trong tệp)", "ID of the endpoint that the files are about (default: by host and port in the file)"))
	f.StringVar(&o.system, "system", "", a.t("mã hệ thống mà kết quả OSCAL nói về", "ID of the system that OSCAL results are about"))
	f.StringVar(&o.policy, "policy", defaultPolicy, a.t("chính sách để đánh giá về sau: tên, hoặc đường dẫn tệp .yaml", "the policy to judge by later: a name, or the path of a .yaml file"))
	f.StringVarP(&o.output, "output", "o", "", a.t("ghi hồ sơ đánh giá vào tệp này", "write the assessment here"))
	return c
}

func (a *app) runImport(paths []string, o importOptions) error {
	switch {
	case len(paths) == 0:
		return faultf("chưa nêu tệp kết quả nào; xem: sansang import --help", "no result file is given; see: sansang import --help")
	case o.unit == "":
		return faultf("chưa nói kết quả là của đơn vị nào; thêm --unit don-vi.yaml", "nothing says which unit the results are of; add --unit unit.yaml")
	case o.output == "":
		return faultf("chưa nói ghi hồ sơ vào đâu; thêm -o ho-so.jsonl", "nothing says where to write the assessment; add -o assessment.jsonl")
	case len(paths) > 1 && o.zone == "":
		return faultf("nhập nhiều tệp thì phải nói công cụ chạy ở vùng nào; thêm --vantage internet, wan, internal hoặc admin", "of several files it must be said in which zone the tools ran; add --vantage internet, wan, internal or admin")
	}
	i, err := newImporter(o)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(o.output); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "create", Path: o.output, Err: fs.ErrExist}
	}
	var made []record.Input
	facts := 0
	for _, path := range paths {
		one, err := i.read(path)
		if err != nil {
			return err
		}
		a.sayLeft(one)
		a.sayUnlabelled(i.unit.Endpoints, one.facts)
		facts += len(one.facts) + len(one.header.Attested)
		in, err := one.assessment(i.documents())
		if err != nil {
			return err
		}
		made = append(made, in)
	}
	if facts == 0 {
		return faultf("không kết quả nào trong tệp nói về điểm kết nối mà %s khai báo, nên chưa ghi gì; khai báo điểm kết nối ấy, hoặc nêu mã của nó bằng --endpoint", "no result in these files is about an endpoint that %s declares, so nothing was written; declare that endpoint, or name its ID with --endpoint", filepath.Base(o.unit))
	}
	joined := made[0].Assessment
	if len(made) > 1 {
		if joined, err = record.Merge(made, false); err != nil {
			return err
		}
	}
	if err := writeWhole(o.output, func(w io.Writer) error { return joined.Write(w, tool()) }); err != nil {
		return err
	}
	if !a.quiet {
		a.say(lang.Tf("đã nhập %d tệp, %d dữ kiện theo công cụ khác: %s", "files imported: %d, facts that other tools reported: %d; written to %s", len(paths), facts, o.output))
		a.next("sansang judge", o.output)
	}
	return nil
}

// sayLeft tells what of a file did not become a fact; the record has it all.
func (a *app) sayLeft(one *imported) {
	if a.quiet {
		return
	}
	of := one.header.Imported[0]
	for n, l := range of.Left {
		if n == mostTold {
			a.say(lang.Tf("%s: … và %d mục khác không dùng được (ghi đủ trong hồ sơ)", "%s: … and %d more are left out (the record lists them)", report.Shown(of.Name), len(of.Left)-mostTold))
			return
		}
		a.say(lang.Tf("%[1]s: bỏ qua %[2]s: %[3]s", "%[1]s: left out %[2]s: %[4]s", report.Shown(of.Name), report.Shown(l.What), report.Shown(l.Why.Vi), report.Shown(l.Why.En)))
	}
}

// sayUnlabelled tells of measured baselines that no requirement is asked about,
// for the unit file does not say that the machine is measured.
func (a *app) sayUnlabelled(of []inventory.Endpoint, facts []observation) {
	if a.quiet {
		return
	}
	told := map[string]bool{} // by host
	for _, e := range of {
		told[e.Host()] = told[e.Host()] || e.Labels["baseline"] != ""
	}
	for _, o := range facts {
		i := slices.IndexFunc(of, func(e inventory.Endpoint) bool { return e.ID == o.Endpoint })
		if o.Check != checks.HostBaseline.ID || i < 0 || told[of[i].Host()] {
			continue
		}
		told[of[i].Host()] = true
		a.say(lang.Tf("%[1]s: thêm labels: {baseline: openscap} vào điểm kết nối này trong tệp đơn vị thì kết quả đo cấu hình chuẩn mới được xét (END-02)",
			"%[1]s: the measured baseline is judged (END-02) once the unit file gives this endpoint labels: {baseline: openscap}", o.Endpoint))
	}
}

// assessment makes the record of one file, as if it had been a scan: read back,
// so that what is written is what any other record is.
func (one *imported) assessment(documents []observation) (record.Input, error) {
	var b bytes.Buffer
	w, err := record.NewWriter(&b, one.header)
	if err != nil {
		return record.Input{}, err
	}
	for _, o := range append(documents, one.observations()...) {
		if o.Vantage, o.Zone = one.header.Vantage.Name, string(one.header.Vantage.Zone); o.At.IsZero() {
			o.At = one.header.Started
		}
		if err := w.Observe(o); err != nil {
			return record.Input{}, defect{err}
		}
	}
	if err := w.Finish(record.End{At: one.finished}); err != nil && !errors.Is(err, os.ErrClosed) {
		return record.Input{}, err
	}
	name := one.header.Imported[0].Name
	assessed, err := record.Read(name, &b)
	return record.Input{Name: name, Assessment: assessed}, err
}

// future tells of a time that has not come: clocks differ by minutes, not days.
func future(t time.Time) bool { return t.After(time.Now().Add(24 * time.Hour)) }
