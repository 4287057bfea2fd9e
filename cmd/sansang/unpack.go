package main

import (
	"encoding/json"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/pack"
	"github.com/sansang/sansang/internal/record"
)

func (a *app) unpack() *cobra.Command {
	return &cobra.Command{
		Use:     a.t("unpack GÓI.zip THƯ-MỤC", "unpack PACK.zip FOLDER"),
		Short:   a.t("Mở một gói ra thư mục mới, sau khi đối chiếu mục lục", "Take a pack apart into a new folder, after holding it against its manifest"),
		Example: "  sansang unpack don-vi.zip ho-so-h99",
		Args:    cobra.ExactArgs(2),
		RunE:    func(_ *cobra.Command, args []string) error { return a.runUnpack(args[0], args[1]) },
	}
}

func (a *app) runUnpack(name, dir string) error {
	p, err := pack.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	if err := p.Verify(); err != nil { // before anything is written
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := p.Extract(dir); err != nil {
		return err
	}
	a.print("đã mở %[1]d tệp vào %[2]s: hồ sơ %[3]s, tệp đơn vị %[4]s", "unpacked %[1]d files into %[2]s: the assessment %[3]s, the unit file %[4]s", len(p.Files), dir,
		filepath.Join(dir, pack.AssessmentPath), filepath.Join(dir, filepath.FromSlash(p.UnitFile)))
	a.next("sansang evidence check", filepath.Join(dir, filepath.FromSlash(p.UnitFile)))
	return nil
}

// packed is what a pack holds beside its assessment.
type packed struct {
	*unitFile
	papers []fact.Observation
}

// openAssessment reads an assessment, from a pack too; then it also gives the
// unit file and the documents in it.
func openAssessment(name string) (*record.Assessment, *packed, error) {
	if !pack.Is(name) {
		a, err := record.Open(name)
		return a, nil, err
	}
	p, err := pack.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = p.Close() }()
	if err := p.Verify(); err != nil {
		return nil, nil, err
	}
	r, err := p.Reader(pack.AssessmentPath)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = r.Close() }()
	a, err := record.Read(name+":"+pack.AssessmentPath, r)
	if err != nil {
		return nil, nil, err
	}
	in, err := unitIn(name, p, a.Finished())
	if err != nil {
		return nil, nil, err
	}
	return a, in, sameUnit(in.unitFile, a)
}

// unitIn reads the unit file of a pack, and tells what its documents hold.
func unitIn(name string, p *pack.Pack, at time.Time) (*packed, error) {
	r, err := p.Reader(p.UnitFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	u, err := inventory.Load(name+":"+p.UnitFile, b)
	if err != nil {
		return nil, err
	}
	in := &packed{unitFile: &unitFile{Unit: u, file: record.File{Name: path.Base(p.UnitFile), SHA256: digest(b)}}}
	for _, doc := range in.documentNames() {
		o := fact.Observation{Check: judge.DocumentCheck, Endpoint: doc, At: at}
		if f, ok := p.File(inPack(doc)); ok {
			o.Value, err = json.Marshal(judge.Document{SHA256: f.SHA256, Bytes: f.Bytes, Signature: packedSignature(p, f, at)})
		} else {
			o.Unknown = fact.Because(fact.NoEvidence, "cannot read the file: it is not in the pack")
		}
		if err != nil {
			return nil, err
		}
		in.papers = append(in.papers, o)
	}
	return in, nil
}

// inPack is where a document lies in a pack.
func inPack(document string) string {
	return path.Join(pack.UnitDir, strings.ReplaceAll(document, `\`, "/"))
}

// withUnit takes what is attested, reviewed and waived from a unit file of now,
// or else from the one in the pack, and tells which that is.
func withUnit(c *judge.Case, a *record.Assessment, unitPath string, in *packed) (*unitFile, error) {
	var now *unitFile
	var papers []fact.Observation
	switch {
	case unitPath != "":
		var err error
		if now, err = readUnit(unitPath); err != nil {
			return nil, err
		}
		if now.Unit.Unit.ID != c.Unit.Unit.ID {
			return nil, faultf("tệp đơn vị là của %s, hồ sơ là của %s", "the unit file is of %s, the assessment of %s", now.Unit.Unit.ID, c.Unit.Unit.ID)
		}
		papers = now.documents(time.Now())
	case in != nil:
		now, papers = in.unitFile, in.papers
	default:
		return nil, nil //nolint:nilnil // none: what the scan was given counts
	}
	c.Unit.Attestations, c.Unit.Reviews, c.Unit.Waivers = slices.Concat(now.Attestations, a.Header.Attested), now.Reviews, now.Waivers
	c.Observations = withDocuments(c.Observations, papers)
	return now, nil
}

// sayLater tells of what comes after the moment that is judged. Reviews are then
// not heard, and nobody should think that they were; facts are taken as if they
// had stood so already.
func (a *app) sayLater(c judge.Case, started time.Time) {
	if a.quiet {
		return
	}
	var last inventory.Date
	n := 0
	for _, r := range c.Unit.Reviews {
		if c.At.Before(r.On.Time) {
			n++
			if r.On.After(last.Time) {
				last = r.On
			}
		}
	}
	if n > 0 {
		a.say(lang.Tf("%d ý kiến đánh giá có sau thời điểm xét nên chưa được tính; để tính cả, thêm --at %s", "%d reviews are later than the moment that is judged and do not count; to hear them add --at %s", n, last.Format(time.DateOnly)))
	}
	if judge.DayBefore(c.At, started) {
		a.say(lang.Tf("thời điểm xét có trước lúc rà quét (%s): điều nhìn thấy sau đó được xét như đã có vào lúc ấy", "the moment that is judged comes before the scan (%s): what was seen later is judged as if it had stood so then", started.In(inventory.Vietnam).Format(time.DateOnly)))
	}
}
