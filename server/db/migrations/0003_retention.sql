ALTER TABLE "deleted_runs" ADD COLUMN "removed_by" text DEFAULT 'owner' NOT NULL;--> statement-breakpoint
ALTER TABLE "deleted_runs" ADD COLUMN "kept_days" integer;--> statement-breakpoint
-- Nobody knows any more which of the runs there are were shared: all of them are taken to be.
ALTER TABLE "runs" ADD COLUMN "shared" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ALTER COLUMN "shared" SET DEFAULT false;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "bytes" bigint;--> statement-breakpoint
UPDATE "runs" SET "bytes" = octet_length("files") + octet_length("stdin") + octet_length(coalesce("search", '')) + 2048 +
	coalesce((SELECT sum(octet_length("events")) FROM "run_events" WHERE "run_events"."run_id" = "runs"."run_id"), 0)
WHERE "ending" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "runs_disposable" ON "runs" USING btree ("created_at","run_id","bytes") WHERE "runs"."ending" is not null and not "runs"."shared" and not "runs"."pinned" and "runs"."name" is null;--> statement-breakpoint
CREATE INDEX "runs_to_keep" ON "runs" USING btree ("created_at","run_id","bytes") WHERE "runs"."ending" is not null and ("runs"."shared" or "runs"."pinned" or "runs"."name" is not null);