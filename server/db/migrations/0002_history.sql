CREATE TABLE "deleted_runs" (
	"run_id" text PRIMARY KEY NOT NULL,
	"deleted_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "search" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "name" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "pinned" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "status" text;--> statement-breakpoint
UPDATE "runs" SET "status" = CASE
	WHEN "ending" LIKE '{"verdict":{"kind":"exited","exit_code":0}%' THEN 'completed'
	WHEN "ending" LIKE '{"verdict":{"kind":"time-limit"%' THEN 'timeout'
	WHEN "ending" LIKE '{"verdict":{"kind":"cancelled"%' THEN 'cancelled'
	ELSE 'error'
END WHERE "ending" IS NOT NULL;
