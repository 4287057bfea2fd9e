package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/scan"
)

// scanOptions are the flags of scan.
type scanOptions struct {
	lookOptions
	output string
	at     string
	trust  []string
	only   []string
	render renderOptions
}

func (a *app) scan() *cobra.Command {
	o := scanOptions{lookOptions: lookOptions{rates: scan.DefaultRates}}
	c := &cobra.Command{
		Use:   a.t("scan TỆP-ĐƠN-VỊ", "scan UNIT-FILE"),
		Short: a.t("Rà quét một đơn vị và đánh giá", "Scan a unit and judge it"),
		Long: a.t(`Rà quét các điểm kết nối khai báo trong tệp đơn vị, ghi mọi kết quả vào hồ sơ đánh
giá ngay khi có, rồi đánh giá và in báo cáo. Chỉ gửi gói tin tới những địa chỉ mà
văn bản cho phép (mục authorisation); không có văn bản thì chỉ rà quét máy này.`,
			`Looks at the endpoints of a unit file, writes every result into an assessment
file as it comes, then judges and prints a report. Packets go only to addresses
that the authorisation permits; without one, only to this machine.`),
		Example: "  sansang scan don-vi.yaml --vantage internal\n  sansang scan don-vi.yaml -o ho-so.jsonl --report bao-cao.html",
		Args:    a.exactly(1, "tệp đơn vị", "a unit file"),
		RunE: func(c *cobra.Command, args []string) error {
			o.settle(c.Flags().Changed)
			return a.runScan(c.Context(), args[0], o)
		},
	}
	f := c.Flags()
	a.lookFlags(c, &o.lookOptions)
	f.StringVarP(&o.output, "output", "o", "", a.t("ghi hồ sơ đánh giá vào tệp này (mặc định: <mã đơn vị>-<giờ>.jsonl)", "write the assessment here (default: <unit>-<time>.jsonl)"))
	f.StringVar(&o.at, "at", "", a.t("đánh giá theo ngày này, ví dụ 2027-01-01 (mặc định: lúc quét xong)", "judge as of this day, such as 2027-01-01 (default: when the scan ends)"))
	f.StringSliceVar(&o.trust, "trust", nil, a.t("tệp PEM của CA được tin cậy thêm (ngoài trusted_cas của tệp đơn vị)", "PEM file of a further trusted CA (beside trusted_cas of the unit file)"))
	f.StringSliceVar(&o.only, "only", nil, a.t("chỉ xem các điểm kết nối có mã này: những điểm nhìn thấy được từ nơi đặt máy quét, rồi ghép với hồ sơ từ nơi khác (sansang merge)", "look at the endpoints with these ids alone: those that can be seen from here, to be joined with records from elsewhere (sansang merge)"))
	a.renderFlags(f, &o.render, "report", "")
	return c
}

func (a *app) runScan(ctx context.Context, path string, o scanOptions) error {
	show, err := a.renderer(o.render)
	if err != nil {
		return err
	}
	at, err := parseAt(o.at)
	if err != nil {
		return err
	}
	if o.policy == "" {
		moment := at
		if moment.IsZero() {
			moment = time.Now()
		}
		if o.policy, err = edition(defaultPolicy, moment); err != nil {
			return err
		}
	}
	assessed, policy, err := a.assess(ctx, path, o)
	if err != nil {
		return err
	}
	judged := policy.Judge(caseOf(assessed, at))
	if err := show(report.Document{Judged: judged, Assessment: assessed, Schema: policy.Schema()}); err != nil {
		return err
	}
	return verdict(judged.Verdict)
}

// assess scans the unit and gives the assessment as it stands in its file.
func (a *app) assess(ctx context.Context, path string, o scanOptions) (*record.Assessment, *judge.Policy, error) {
	unit, err := readUnit(path)
	if err != nil {
		return nil, nil, err
	}
	l, err := a.newLooker(o.lookOptions)
	if err != nil {
		return nil, nil, err
	}
	defer l.close()
	roots, cas, err := unit.roots(o.trust)
	if err != nil {
		return nil, nil, err
	}
	if err := a.warnScope(unit.Unit); err != nil {
		return nil, nil, err
	}
	if o.output == "" {
		o.output = fmt.Sprintf("%s-%s.jsonl", unit.Unit.Unit.ID, time.Now().In(inventory.Vietnam).Format("20060102-150405"))
	}
	err = l.look(ctx, sight{unit: unit.Unit, file: unit.file, roots: roots, cas: cas, documents: unit.documents, only: o.only,
		create: func(h record.Header) (*record.Writer, error) { return record.Create(o.output, h) },
		watch: func(s *scan.Scan) (func(scan.Progress), func()) {
			p := a.progress(s)
			return p.show, p.done
		}})
	if err != nil {
		return nil, nil, err
	}
	if !a.quiet {
		a.say(lang.Tf("hồ sơ đánh giá: %s", "assessment file: %s", o.output))
	}
	assessed, err := record.Open(o.output)
	return assessed, l.policy, err
}

// warnScope says at once what would else be found only in the results.
func (a *app) warnScope(u inventory.Unit) error {
	s, err := scan.NewScope(u)
	if err != nil {
		return err
	}
	if !s.Authorised() {
		a.say(lang.T("tệp đơn vị chưa có văn bản cho phép (authorisation): chỉ rà quét được chính máy này", "the unit file has no authorisation: only this machine may be scanned"))
	} else if u := s.Time(time.Now()); u != nil {
		a.say(lang.T("văn bản cho phép không có hiệu lực lúc này: sẽ không gửi gói tin nào", "the authorisation does not hold now: no packet will be sent"))
	}
	if len(u.Places()) == 0 {
		a.say(lang.T("tệp đơn vị không có điểm kết nối nào", "the unit file has no endpoint"))
	}
	return nil
}
