ALTER TABLE person ADD COLUMN age i64 NOT NULL DEFAULT 0;
ALTER TABLE note RENAME TO remark;
DROP TABLE gone;
-- transient
ALTER TABLE visit RENAME TO visitor;
-- only: postgres
CREATE SEQUENCE act_seq_next;
-- end
