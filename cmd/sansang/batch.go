package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/roster"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/store"
)

// batchRates are those of scan, but for all together: the units of a list are
// each in a network of their own.
var batchRates = scan.Rates{Host: scan.DefaultRates.Host, Network: scan.DefaultRates.Network, Global: 2000, Questions: manyQuestions}

// batchOptions are the flags of batch.
type batchOptions struct {
	lookOptions
	work      workOptions
	db        string
	vantages  []string
	keepGoing bool
	trust     []string
	out       string
	later     bool // it is not now that the list is looked at
}

func (a *app) batch() *cobra.Command {
	o := batchOptions{lookOptions: lookOptions{rates: batchRates}}
	c := &cobra.Command{
		Use:   a.t("batch DANH-SÁCH", "batch LIST"),
		Short: a.t("Rà quét và đánh giá cả danh sách đơn vị", "Scan and judge a whole list of units"),
		Long: a.t(`Rà quét mọi đơn vị của một danh sách (thư mục tệp đơn vị, YAML, CSV hoặc XLSX), giữ kết
quả trong một cơ sở dữ liệu, rồi in bảng tổng hợp. Dừng bằng Ctrl-C, mất điện hay tắt máy
giữa chừng đều không mất gì: chạy lại đúng lệnh này thì đợt rà quét đang dở đi tiếp từ chỗ
ấy. Máy khác cùng làm bằng sansang worker với cùng cơ sở dữ liệu (PostgreSQL).

Mã thoát: 0 mọi đơn vị sẵn sàng; 1 có đơn vị chưa đạt; 3 không đơn vị nào chưa đạt nhưng có
đơn vị chưa đủ căn cứ, hoặc đợt bị dừng giữa chừng; 2 đầu vào sai.`,
			`Looks at every unit of a list (a folder of unit files, YAML, CSV or XLSX), keeps what is
seen in a database and prints the roll-up. Nothing is lost by Ctrl-C, a power cut or a
killed process: the same command again goes on with the run that was begun. Other
machines join by sansang worker with the same database (PostgreSQL).

Exit codes: 0 all units are ready; 1 some are not ready; 3 none is not ready, and of some it
cannot be told, or the run was stopped; 2 bad input.`),
		Example: "  sansang batch danh-sach.csv --vantage internet\n  sansang batch danh-sach.xlsx --db postgres://… --vantages internet,internal --vantage internet",
		Args:    a.exactly(1, "danh sách đơn vị", "a list of units"),
		RunE: func(c *cobra.Command, args []string) error {
			o.settle(c.Flags().Changed)
			return a.runBatch(c.Context(), args[0], o)
		},
	}
	f := c.Flags()
	a.lookFlags(c, &o.lookOptions)
	a.databaseFlag(c.Flags(), &o.db)
	a.workFlags(c, &o.work)
	a.waitFlag(f, &o.lookOptions)
	f.StringSliceVar(&o.vantages, "vantages", nil, a.t("các vùng mạng mà đợt này phải nhìn từ đó, ví dụ internet,internal; vùng nào khác vùng của máy này (--vantage) thì do sansang worker đặt ở vùng ấy làm", "the zones that the run must look from, such as internet,internal; those other than --vantage are left to a sansang worker there"))
	f.BoolVar(&o.keepGoing, "keep-going", false, a.t("bỏ ra những đơn vị có lỗi trong danh sách, ghi lại lỗi, và làm tiếp các đơn vị khác", "leave out units that the list has mistakes of, keep the mistakes, and go on with the rest"))
	f.StringSliceVar(&o.trust, "trust", nil, a.t("tệp PEM của CA được tin cậy thêm cho mọi đơn vị", "PEM file of a further CA that all units trust"))
	f.StringVar(&o.out, "out", "", a.t("khi xong, ghi báo cáo của từng đơn vị vào thư mục này", "when done, write a report of each unit into this folder"))
	return c
}

func (a *app) runBatch(ctx context.Context, path string, o batchOptions) error {
	var err error
	if o.policy == "" {
		if o.policy, err = edition(defaultPolicy, time.Now()); err != nil {
			return err
		}
	}
	crew, err := a.newCrew(o.lookOptions)
	if err != nil {
		return err
	}
	defer crew.close()
	n, err := crew.newRun(0, o.lookOptions, o.vantages)
	if err != nil {
		return err
	}
	list, err := a.readList(path, o)
	if err != nil {
		return err
	}
	db, err := a.openDB(ctx, o.db, false)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	shift, err := a.newShift(ctx, db, crew, o.work)
	if err != nil {
		return err
	}
	defer shift.close(ctx)
	run, err := a.begin(ctx, db, list, n)
	if err != nil {
		return err
	}
	again := append(withDatabase([]string{"sansang", "runs", "resume", fmt.Sprint(run.ID)}, o.db), o.words()...)
	if err := shift.run(ctx, run, again); err != nil {
		return err
	}
	return a.concluded(ctx, db, run, o.db, o.out)
}

// readList reads the list and tells what is odd in it.
func (a *app) readList(path string, o batchOptions) (store.List, error) {
	l, err := roster.Read(path, roster.Options{KeepGoing: o.keepGoing})
	if err != nil {
		return store.List{}, err
	}
	for _, ps := range []roster.Problems{l.Problems, l.Notes} {
		if len(ps) > 0 && !a.quiet {
			a.say(lang.T(ps.In(lang.Vi), ps.In(lang.En)))
		}
	}
	if n := len(l.Problems); n > 0 {
		a.say(lang.Tf("bỏ qua các đơn vị có lỗi trên (%d lỗi); làm tiếp %d đơn vị", "units with the mistakes above (%d) are left out; going on with %d units", n, len(l.Units)))
	}
	now := time.Now()
	kept, err := a.snapshot(l, o.trust, now)
	if err != nil {
		return kept, err
	}
	without, notNow, over := unscannable(kept.Units, now)
	if without > 0 {
		a.say(lang.Tf("%d trên %d đơn vị có điểm kết nối mà chưa có văn bản cho phép rà quét: của các đơn vị ấy chỉ những địa chỉ trên chính máy này được rà quét, còn lại là ngoài phạm vi",
			"%d of %d units have endpoints and no permission to be scanned: of them only addresses of this very machine are, and all others are out of scope", without, len(kept.Units)))
	}
	if notNow > 0 && !o.later && !o.wait {
		a.say(lang.Tf("văn bản cho phép rà quét của %d trên %d đơn vị không có hiệu lực vào lúc này (ngày hoặc giờ): không gửi gói tin nào tới đó, kết quả sẽ là chưa đủ căn cứ; chạy trong giờ được phép, hoặc thêm --wait để chờ tới giờ", "the authorisation of %d of %d units does not hold now (by its days or hours): no packet is sent there, and they will be undetermined; run this within the hours that are permitted, or add --wait to wait for them", notNow, len(kept.Units)))
	}
	if over > 0 && o.wait {
		a.say(lang.Tf("văn bản cho phép rà quét của %d trên %d đơn vị đã hết hiệu lực: không chờ đơn vị ấy và không gửi gói tin nào tới đó, kết quả sẽ là chưa đủ căn cứ", "the authorisation of %d of %d units has run out: they are not waited for, no packet is sent there, and they will be undetermined", over, len(kept.Units)))
	}
	return kept, nil
}

// begin keeps the list and plans a run over it, or finds the one that was begun
// and is not done.
func (a *app) begin(ctx context.Context, db *store.DB, list store.List, n store.NewRun) (store.Run, error) {
	err := db.Tx(ctx, func(tx *store.Tx) (err error) {
		n.List, err = tx.AddList(ctx, list)
		return err
	})
	if err != nil {
		return store.Run{}, err
	}
	run, open, err := fleet.Begin(ctx, db, n)
	if err != nil {
		return run, err
	}
	if !open {
		if !a.quiet {
			a.say(lang.Tf("đợt %[1]d: %[2]d đơn vị, chính sách %[3]s bản %[4]s, nhìn từ %[5]s; kết quả giữ trong %[7]s", "run %[1]d: %[2]d units, policy %[3]s version %[4]s, looked at from %[6]s; results are kept in %[7]s",
				run.ID, len(list.Units), run.Policy.ID, run.Policy.Version, zoneNames(run.Vantages, lang.Vi), zoneNames(run.Vantages, lang.En), db.Where()))
		}
		return run, a.othersOpen(ctx, db, run, list.Name)
	}
	counts, err := db.Counts(ctx, run.ID)
	if err == nil && !a.quiet {
		a.say(lang.Tf("đi tiếp đợt %d bắt đầu lúc %s: đã xong %d trên %d lượt", "going on with run %d of %s: %d of %d looks are done",
			run.ID, clock(run.Created), counts.Tasks[store.TaskDone], counts.Units*len(run.Vantages)))
	}
	return run, err
}

// othersOpen tells of runs over a list of the same name that are open still, as
// from before the list was mended: workers go on with them by what they say.
func (a *app) othersOpen(ctx context.Context, db *store.DB, run store.Run, name string) error {
	all, err := db.Runs(ctx)
	for _, r := range all {
		if r.ID == run.ID || r.State != store.RunOpen || a.quiet {
			continue
		}
		l, err := db.List(ctx, r.List)
		if err != nil {
			return err
		}
		if l.Name == name {
			a.say(lang.Tf("đợt %[1]d trên danh sách cùng tên (bản khác, hoặc thiết lập khác) còn mở, sansang worker vẫn làm tiếp; nếu không cần nữa: sansang runs cancel %[1]d",
				"run %[1]d over a list of that name (another version, or other settings) is open still, and a sansang worker goes on with it; if it is not wanted: sansang runs cancel %[1]d", r.ID))
		}
	}
	return err
}

// concluded tells what a run comes to, and ends with its verdict: the worst of
// those of its units, of which one that is not judged is undetermined.
func (a *app) concluded(ctx context.Context, db *store.DB, run store.Run, named, reports string) error {
	run, err := db.Run(ctx, run.ID) // as it stands now
	if err != nil {
		return err
	}
	if err := a.tellRun(ctx, db, run); err != nil {
		return err
	}
	if reports != "" {
		o := rollupOptions{reports: reports, reportFormat: "html", file: filepath.Join(reports, "index.html"), format: "html"}
		if err := a.rollUp(ctx, db, run, o); err != nil { // by this connection: its URL may have a password, which db does not tell
			return err
		}
	}
	c, err := db.Counts(ctx, run.ID)
	if err != nil {
		return err
	}
	for _, z := range run.Vantages {
		if n := c.ByZone[z]; n > 0 && !a.quiet {
			a.say(lang.Tf("đợt %[1]d còn %[2]d lượt phải nhìn từ %[3]s; ở đó chạy: sansang worker --vantage %[3]s, với cùng --db", "run %[1]d wants %[2]d more looks from %[3]s; there, run: sansang worker --vantage %[3]s with the same --db", run.ID, n, z))
		}
	}
	if n := c.Tasks[store.TaskFailed]; n > 0 {
		a.say(lang.Tf("%[1]d lượt không làm được vì lỗi của công cụ hoặc máy này; xem: %[2]s", "%[1]d looks were given up for a defect of the tool or of this machine; see: %[2]s", n,
			typed(withDatabase([]string{"sansang", "runs", "show", fmt.Sprint(run.ID)}, named))))
	}
	sum := report.Sum{All: c.Units, Ready: c.Verdicts[judge.Ready.String()], NotReady: c.Verdicts[judge.NotReady.String()]}
	sum.Undetermined = sum.All - sum.Ready - sum.NotReady
	return verdict(sum.Verdict())
}
