CREATE TABLE "meta" (
	"key" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "run_events" (
	"run_id" text NOT NULL,
	"first_seq" integer NOT NULL,
	"last_seq" integer NOT NULL,
	"events" text NOT NULL,
	CONSTRAINT "run_events_run_id_first_seq_pk" PRIMARY KEY("run_id","first_seq")
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"run_id" text PRIMARY KEY NOT NULL,
	"actor_id" text NOT NULL,
	"instance" text NOT NULL,
	"language" text NOT NULL,
	"version" text NOT NULL,
	"files" text NOT NULL,
	"entry" text NOT NULL,
	"stdin" text NOT NULL,
	"args" text NOT NULL,
	"env" text NOT NULL,
	"limits" text NOT NULL,
	"image" text NOT NULL,
	"image_digest" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"excerpt" text NOT NULL,
	"ending" text,
	"completed_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "run_events" ADD CONSTRAINT "run_events_run_id_runs_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("run_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "runs_of_actor" ON "runs" USING btree ("actor_id","created_at","run_id");--> statement-breakpoint
CREATE INDEX "runs_unfinished" ON "runs" USING btree ("instance") WHERE "runs"."ending" is null;