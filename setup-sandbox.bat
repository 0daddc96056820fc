@echo off
rem Makes this machine ready without starting anything; "npm start" does the same and then serves.
cd /d "%~dp0"
node scripts\setup.mjs %*
exit /b %errorlevel%
