package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/store"
)

// mostDays is a hundred years. A number of days that no calendar holds would
// turn round, and every run would be older.
const mostDays = 36_500

// deleteOptions are the flags of runs delete.
type deleteOptions struct {
	db   string
	days int
	yes  bool
}

func (a *app) deleteRuns() *cobra.Command {
	var o deleteOptions
	c := &cobra.Command{
		Use:   a.t("delete [SỐ…]", "delete [NUMBER…]"),
		Short: a.t("Xóa hẳn những đợt cũ, trả chỗ cho ổ đĩa", "Delete old runs for good, and give their room back to the disk"),
		Long: a.t(`Xóa hẳn các đợt rà quét với mọi hồ sơ và kết quả của chúng; danh sách không còn đợt hay
lịch nào dùng cũng bị xóa theo. Không lấy lại được: sao lưu trước bằng sansang db export.
Không có --yes thì chỉ cho biết sẽ mất những gì. Đợt đang mở không bị xóa: hủy nó trước bằng
sansang runs cancel. --older-than luôn giữ đợt đã xong mới nhất của mỗi danh sách (theo tên),
và đợt mới nhất đã xem đủ danh sách. Hồ sơ của các đợt còn lại không đổi, sansang db check
vẫn kiểm tra được; số của đợt đã xóa không dùng lại. Tệp SQLite được ghi lại cho nhỏ đi: ổ
đĩa cần còn trống hai lần phần ở lại.`,
			`Deletes runs for good, with all their assessments and results, and their list where no
other run or schedule uses it. It cannot be undone: back up first with sansang db export.
Without --yes it only tells what would go. A run that is open is not deleted: cancel it
first with sansang runs cancel. --older-than always keeps the newest run of each list (by its
name) that was done, and the newest that looked at all of it. The assessments of the other
runs stay as they are and sansang db check still holds; the number of a deleted run is not
used again. An SQLite file is written anew to be smaller: the disk must have room for twice
what stays.`),
		Example: "  sansang runs delete 3 4\n  sansang runs delete --older-than 365 --yes",
		RunE: func(c *cobra.Command, args []string) error {
			return a.runDelete(c.Context(), args, c.Flags().Changed("older-than"), o)
		},
	}
	a.databaseFlag(c.Flags(), &o.db)
	c.Flags().IntVar(&o.days, "older-than", 0, a.t("mọi đợt đã kết thúc hơn chừng này ngày trước, trừ đợt đã xong mới nhất của mỗi danh sách", "all runs that ended more than so many days ago, but the newest of each list that was done"))
	c.Flags().BoolVar(&o.yes, "yes", false, a.t("xóa thật", "do delete"))
	return c
}

func (a *app) runDelete(ctx context.Context, args []string, byAge bool, o deleteOptions) error {
	switch {
	case byAge && len(args) > 0:
		return faultf("nêu số của đợt hoặc --older-than, không nêu cả hai", "give numbers of runs or --older-than, not both")
	case byAge && (o.days < 1 || o.days > mostDays):
		return faultf("--older-than phải là số ngày, từ 1 đến %d", "--older-than must be a number of days, from 1 to %d", mostDays)
	case !byAge && len(args) == 0:
		return faultf("chưa nói xóa đợt nào; viết số của đợt, hoặc --older-than 365; xem số bằng: sansang runs", "nothing says which runs to delete; write their numbers, or --older-than 365; see the numbers with: sansang runs")
	}
	open := a.readDatabase
	if o.yes {
		open = func(ctx context.Context, named string) (*store.DB, error) { return a.openDB(ctx, named, true) }
	}
	db, err := open(ctx, o.db)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var runs []store.Run
	if byAge {
		runs, err = oldRuns(ctx, db, o.days)
	} else {
		runs, err = namedRuns(ctx, db, args)
	}
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		a.print("không có đợt nào kết thúc hơn %d ngày trước mà xóa được", "there is no run to delete that ended more than %d days ago", o.days)
		return nil
	}
	if err := a.tellDoomed(ctx, db, runs, o.yes); err != nil {
		return err
	}
	if !o.yes {
		return faultf("chưa xóa gì; xóa rồi không lấy lại được (sao lưu trước bằng sansang db export); thêm --yes để xóa", "nothing is deleted yet; it cannot be undone (back up first with sansang db export); add --yes to delete")
	}
	return a.drop(ctx, db, runs)
}

// namedRuns gives the runs of these numbers, each once, if all can be deleted.
func namedRuns(ctx context.Context, db *store.DB, numbers []string) ([]store.Run, error) {
	var runs []store.Run
	for _, number := range numbers {
		n, err := runNumber(number)
		if err != nil {
			return nil, err
		}
		run, err := db.Run(ctx, n)
		if err != nil {
			return nil, err
		}
		if run.State == store.RunOpen {
			return nil, faultf("đợt %[1]d đang mở, chưa xóa được; hủy trước: sansang runs cancel %[1]d", "run %[1]d is open and cannot be deleted; cancel it first: sansang runs cancel %[1]d", n)
		}
		if !slices.ContainsFunc(runs, func(r store.Run) bool { return r.ID == n }) {
			runs = append(runs, run)
		}
	}
	return runs, nil
}

// oldRuns gives the runs that ended so many days ago, the oldest first. Of those
// of each list that were done the newest stays, and the newest that left nothing
// out, with which the next is compared: the daily run of a schedule does.
func oldRuns(ctx context.Context, db *store.DB, days int) ([]store.Run, error) {
	now, err := db.Now(ctx)
	if err != nil {
		return nil, err
	}
	lists, err := db.Lists(ctx)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	for _, l := range lists {
		names[l.ID] = l.Name
	}
	all, err := db.Runs(ctx)
	if err != nil {
		return nil, err
	}
	var old []store.Run
	have, whole := map[string]bool{}, map[string]bool{}
	for _, run := range all { // the newest first
		if name := names[run.List]; run.State == store.RunDone && !whole[name] {
			left, err := db.LeftOut(ctx, run)
			if err != nil {
				return nil, err
			}
			if whole[name] = len(left) == 0; whole[name] || !have[name] {
				have[name] = true
				continue
			}
		}
		if run.State != store.RunOpen && run.Ended.Before(now.AddDate(0, 0, -days)) {
			old = append(old, run)
		}
	}
	slices.Reverse(old)
	return old, nil
}

// tellDoomed says what goes with each run.
func (a *app) tellDoomed(ctx context.Context, db *store.DB, runs []store.Run, now bool) error {
	var n, size int64
	for _, run := range runs {
		w, err := db.Weight(ctx, run.ID)
		if err != nil {
			return err
		}
		l, err := db.List(ctx, run.List)
		if err != nil {
			return err
		}
		n, size = n+w.Assessments, size+w.Bytes
		a.print("đợt %[1]d · %[2]s · bắt đầu %[4]s · %[5]s · %[6]s hồ sơ, %[8]s", "run %[1]d · %[3]s · began %[4]s · %[5]s · %[7]s assessments, %[8]s",
			run.ID, run.State.Text().Vi, run.State.Text().En, clock(run.Created), report.Shown(l.Name), grouped(int(w.Assessments), lang.Vi), grouped(int(w.Assessments), lang.En), store.Size(w.Bytes))
	}
	if !now {
		a.print("sẽ xóa hẳn %d đợt, %[2]s hồ sơ (%[4]s)", "%d runs with %[3]s assessments (%[4]s) would be deleted for good", len(runs), grouped(int(n), lang.Vi), grouped(int(n), lang.En), store.Size(size))
	}
	return nil
}

// drop deletes runs, each whole or not at all, and gives their room back.
func (a *app) drop(ctx context.Context, db *store.DB, runs []store.Run) error {
	before, err := db.Info(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.Drop(ctx, run.ID) }); err != nil {
			return err
		}
		a.print("đã xóa đợt %d", "run %d is deleted", run.ID)
	}
	busy, err := manned(ctx, db)
	if err != nil {
		return err
	}
	if busy {
		a.say(lang.T("có máy đang rà quét với cơ sở dữ liệu này nên chưa ghi lại tệp cho nhỏ đi; những đợt sau dùng chỗ trống ấy, và lần xóa sau sẽ trả cho ổ đĩa", "a machine is at work with this database, so its file is not written anew now; the next runs use the room, and the next deletion gives it back to the disk"))
		return nil
	}
	after, err := db.Compact(ctx)
	if err != nil {
		a.say(lang.T("các đợt đã xóa xong, nhưng chưa trả được chỗ cho ổ đĩa; những đợt sau sẽ dùng chỗ ấy, và lần xóa sau sẽ trả", "the runs are deleted, but their room could not be given back to the disk; the next runs use it, and the next deletion gives it back"))
		return err
	}
	if db.Engine() == store.SQLite {
		a.print("%s: %s, trước là %s", "%s: %s, before it was %s", db.Where(), store.Size(after), store.Size(before.Bytes))
	} else {
		a.print("PostgreSQL sẽ dùng lại chỗ trống ấy cho những đợt sau", "PostgreSQL uses that room for the next runs")
	}
	return nil
}

// manned tells whether a machine looks at units and keeps what it sees in an
// SQLite file, which nobody could write to while that is written anew.
func manned(ctx context.Context, db *store.DB) (bool, error) {
	if db.Engine() != store.SQLite {
		return false, nil
	}
	now, err := db.Now(ctx)
	if err != nil {
		return false, err
	}
	workers, err := db.Workers(ctx, now.Add(-time.Minute), false)
	return len(workers) > 0, err
}
